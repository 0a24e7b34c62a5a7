using System.Data.Common;
using Dapper;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

/// <summary>Progress does not wait for the disk; what follows it does, and makes both safe.</summary>
public sealed class ProgressWriteTests
{
    private const long Normal = 1;
    private const long Full = 2;

    [Fact]
    public async Task Only_progress_does_not_wait_for_the_disk()
    {
        using var file = new SqliteFile();
        await using var database = SqliteDatabase.Open(file.Path);
        Task<long> Ordinary() => database.WriteAsync(SettingAsync, default);
        Task<long> Progress() => database.WriteProgressAsync(SettingAsync, default);

        (await Ordinary()).ShouldBe(Full);
        (await Progress()).ShouldBe(Normal);
        (await Progress()).ShouldBe(Normal);
        (await Ordinary()).ShouldBe(Full);
        await Should.ThrowAsync<InvalidOperationException>(
            () => database.WriteProgressAsync<long>(_ => throw new InvalidOperationException(), CancellationToken.None));
        (await Ordinary()).ShouldBe(Full);
    }

    private static Task<long> SettingAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteScalarAsync<long>("PRAGMA synchronous", transaction: transaction);
}
