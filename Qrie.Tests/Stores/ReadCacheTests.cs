using Dapper;
using Qrie.Domain.Access;
using Qrie.Sql.Database;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>
/// Summaries are cached until the next write. The contracts of the stores test that results are current.
/// </summary>
public sealed class ReadCacheTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_result_is_read_once_until_the_next_write()
    {
        await using var stores = await _file.OpenAsync();
        await stores.DisposeAsync();
        await using var database = SqliteDatabase.Open(_file.Path);
        var cache = new ReadCache(database);
        var reads = 0;
        Task<string> AskAsync(object question) => cache.GetAsync(question, _ => Task.FromResult($"{question} {++reads}"), default);

        (await AskAsync(("a", 1))).ShouldBe("(a, 1) 1");
        (await AskAsync(("a", 1))).ShouldBe("(a, 1) 1");
        (await AskAsync(("a", 2))).ShouldBe("(a, 2) 2");

        await WriteAsync(database);
        (await AskAsync(("a", 1))).ShouldBe("(a, 1) 3");
        (await AskAsync(("a", 1))).ShouldBe("(a, 1) 3");
    }

    [Fact]
    public async Task A_write_during_a_read_is_visible_to_the_next_read()
    {
        await (await _file.OpenAsync()).DisposeAsync();
        await using var database = SqliteDatabase.Open(_file.Path);
        var cache = new ReadCache(database);

        var first = await cache.GetAsync("q", async _ =>
        {
            await WriteAsync(database);
            return "before the write";
        }, default);

        first.ShouldBe("before the write");
        (await cache.GetAsync("q", _ => Task.FromResult("behind it"), default)).ShouldBe("behind it");
    }

    [Fact]
    public async Task Writes_of_other_processes_invalidate_the_cache()
    {
        await using var stores = await _file.OpenAsync();
        await using var beside = SqliteDatabase.OpenBeside(_file.Path);
        var cache = new ReadCache(beside);
        (await cache.GetAsync("q", _ => Task.FromResult("before"), default)).ShouldBe("before");
        (await cache.GetAsync("q", _ => Task.FromResult("nobody wrote"), default)).ShouldBe("before");

        await _file.ExecuteAsync("UPDATE accounts SET status = 'removed'");
        (await cache.GetAsync("q", _ => Task.FromResult("nothing was changed"), default)).ShouldBe("before");

        await stores.Organizations.AddAsync(new Organization("shop", null, Some.Noon), default);
        (await cache.GetAsync("q", _ => Task.FromResult("behind it"), default)).ShouldBe("behind it");
    }

    private static Task<int> WriteAsync(SqliteDatabase database) =>
        database.WriteAsync(
            t => t.Connection!.ExecuteAsync("INSERT INTO organizations (organization, created_at) VALUES (hex(randomblob(8)), 0)", transaction: t), default);
}
