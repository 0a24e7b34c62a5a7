using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;
using Qrie.Sql.Database;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Problems of store files: locked, damaged, inaccessible, or of another version.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Stored_data_exists_after_reopening()
    {
        await using (var stores = await _file.OpenAsync())
        {
            await stores.Accounts.AddAsync(Some.Account(), CancellationToken.None);
        }

        await using var again = await _file.OpenAsync();
        (await again.Accounts.FindAsync(Some.Org, Some.AccountId, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_second_opening_of_a_file_is_refused_with_the_remedy()
    {
        await using var first = await _file.OpenAsync();

        var refusal = await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync());

        refusal.Message.ShouldContain(_file.Path);
        refusal.Message.ShouldContain("stop that one or give this one another Store:Path");
        (await first.Accounts.AddAsync(Some.Account(), CancellationToken.None)).ShouldBe(AddAccountOutcome.Added);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_refused_and_unchanged()
    {
        await File.WriteAllTextAsync(_file.Path, new string('x', 5000));

        (await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync())).Message.ShouldContain("Move the file away");

        (await File.ReadAllTextAsync(_file.Path)).ShouldBe(new string('x', 5000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_locked_by_another_program_is_refused_without_the_advice_to_move_it(bool existed)
    {
        if (existed)
        {
            await using (await _file.OpenAsync())
            {
            }
        }

        await using var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file.Path, Pooling = false }.ToString());
        await other.OpenAsync();
        await other.ExecuteAsync("BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS another (id INTEGER)");

        var refusal = await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync(busyTimeout: TimeSpan.FromSeconds(1)));

        refusal.Message.ShouldContain("Another program holds the file; close it.");
        refusal.Message.ShouldNotContain("away");
        await other.ExecuteAsync("ROLLBACK");
        await using var stores = await _file.OpenAsync();
    }

    [Fact]
    public async Task After_a_refusal_the_file_is_not_locked()
    {
        await File.WriteAllTextAsync(_file.Path, new string('x', 5000));
        await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync());
        File.Delete(_file.Path);

        await using var stores = await _file.OpenAsync();

        (await stores.Accounts.ListAsync(Some.Org, false, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_that_cannot_be_created_is_refused_with_the_remedy()
    {
        File.WriteAllText(_file.Path, "");

        Should.Throw<StoreUnavailableException>(() => SqliteDatabase.Open(Path.Combine(_file.Path, "qrie.db"))).Message.ShouldContain("make it writable");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_with_the_remedy()
    {
        // A file system that refuses new files even for root; on other systems than Linux the path does not exist and cannot be created.
        Should.Throw<StoreUnavailableException>(() => SqliteDatabase.Open("/sys/qrie/qrie.db")).Message.ShouldContain("make it writable");
    }

    [Fact]
    public async Task A_missing_folder_is_created()
    {
        var path = Path.Combine(Path.GetDirectoryName(_file.Path)!, "data", "deep", "qrie.db");

        await using var database = SqliteDatabase.Open(path);

        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public async Task A_newer_schema_version_is_refused_and_unchanged()
    {
        await using (await _file.OpenAsync())
        {
        }

        await _file.ExecuteAsync("UPDATE installation SET value = '999' WHERE name = 'schema_version'");

        (await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync())).Message.ShouldContain("schema 999");

        (await _file.QueryAsync("SELECT value FROM installation WHERE name = 'schema_version'")).ShouldBe(["999"]);
    }

    [Fact]
    public async Task A_commit_is_durable_when_it_returns()
    {
        await using var stores = await _file.OpenAsync();
        await stores.Accounts.AddAsync(Some.Account(), CancellationToken.None);

        // The files as a crash would leave them, copied while the store is open.
        using var copy = new SqliteFile();
        File.Copy(_file.Path, copy.Path);
        File.Copy(_file.Path + "-wal", copy.Path + "-wal");
        await using var after = await copy.OpenAsync();

        (await after.Accounts.FindAsync(Some.Org, Some.AccountId, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Readers_are_not_blocked_by_a_writer()
    {
        await using var stores = await _file.OpenAsync();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await stores.Accounts.AddAsync(Some.Account(i.ToString("000000000000", CultureInfo.InvariantCulture)), CancellationToken.None);
            }
        });
        var counts = new List<int>();
        while (!writing.IsCompleted)
        {
            counts.Add((await stores.Accounts.ListAsync(Some.Org, false, CancellationToken.None)).Count);
        }

        await writing;
        counts.ShouldBe(counts.Order());
        (await stores.Accounts.ListAsync(Some.Org, false, CancellationToken.None)).Count.ShouldBe(50);
    }

    [Fact]
    public async Task A_failed_transaction_is_rolled_back_and_the_store_stays_usable()
    {
        await using var stores = await _file.OpenAsync();
        var (scan, units) = Some.Scan("scan-1", 0, (Some.AccountId, "s3"));

        await Should.ThrowAsync<Exception>(() => stores.Scans.CreateAsync(scan, [units[0], units[0]], CancellationToken.None));

        (await stores.Scans.FindAsync(Some.Org, "scan-1", CancellationToken.None)).ShouldBeNull();
        (await stores.Scans.CreateAsync(scan, units, CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_commit_rolled_back_by_SQLite_leaves_the_store_usable()
    {
        await using var database = SqliteDatabase.Open(_file.Path);
        await database.WriteAsync(t => t.Connection!.ExecuteAsync("CREATE TABLE a (b INTEGER)", null, t), default);
        var refuses = true;

        // Like a full disk during a commit.
        await Should.ThrowAsync<SqliteException>(() => database.WriteAsync(
            t =>
            {
                SQLitePCL.raw.sqlite3_commit_hook(((SqliteConnection)t.Connection!).Handle, _ => refuses ? 1 : 0, null);
                return t.Connection!.ExecuteAsync("INSERT INTO a VALUES (1)", null, t);
            },
            default));
        refuses = false;
        await database.WriteAsync(t => t.Connection!.ExecuteAsync("INSERT INTO a VALUES (2)", null, t), default);

        (await database.ReadAsync(c => c.QueryAsync<int>("SELECT b FROM a"), default)).ShouldBe([2]);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public async Task Commits_wait_for_the_disk_if_the_store_is_durable(bool durable, int synchronous)
    {
        await using var database = SqliteDatabase.Open(_file.Path, durable: durable);

        (await database.WriteAsync(t => t.Connection!.ExecuteScalarAsync<int>("PRAGMA synchronous", null, t), default)).ShouldBe(synchronous);
    }

    [Fact]
    public async Task Deleted_data_is_removed_from_the_file()
    {
        await using (var database = SqliteDatabase.Open(_file.Path))
        {
            await database.WriteAsync(t =>
                t.Connection!.ExecuteAsync("CREATE TABLE a (b TEXT); INSERT INTO a VALUES ('to-be-gone'), ('to-stay')", null, t), default);
            await database.WriteAsync(t => t.Connection!.ExecuteAsync("DELETE FROM a WHERE b = 'to-be-gone'", null, t), default);
        }

        var left = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_file.Path));
        left.ShouldContain("to-stay");
        left.ShouldNotContain("to-be-gone");
    }
}
