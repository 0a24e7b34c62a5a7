using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;
using Qrie.Sql.Database;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>What only a file can do: be held, damaged, out of reach, or of another version.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task What_was_stored_is_there_after_reopening()
    {
        await using (var stores = await _file.OpenAsync())
        {
            await stores.Accounts.AddAsync(Some.Account(), CancellationToken.None);
        }

        await using var again = await _file.OpenAsync();
        (await again.Accounts.FindAsync(Some.Org, Some.AccountId, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_file_that_is_open_is_refused_to_a_second_opening_with_the_remedy()
    {
        await using var first = await _file.OpenAsync();

        var refusal = await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync());

        refusal.Message.ShouldContain(_file.Path);
        refusal.Message.ShouldContain("stop that one or give this one another Store:Path");
        (await first.Accounts.AddAsync(Some.Account(), CancellationToken.None)).ShouldBe(AddAccountOutcome.Added);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        await File.WriteAllTextAsync(_file.Path, new string('x', 5000));

        (await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync())).Message.ShouldContain("Move the file away");

        (await File.ReadAllTextAsync(_file.Path)).ShouldBe(new string('x', 5000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_another_program_has_locked_is_refused_and_not_to_be_moved_away(bool existed)
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

        var refusal = await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync(patience: TimeSpan.FromSeconds(1)));

        refusal.Message.ShouldContain("Another program holds the file; close it.");
        refusal.Message.ShouldNotContain("away");
        await other.ExecuteAsync("ROLLBACK");
        await using var stores = await _file.OpenAsync();
    }

    [Fact]
    public async Task After_a_refusal_the_file_is_free_again()
    {
        await File.WriteAllTextAsync(_file.Path, new string('x', 5000));
        await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync());
        File.Delete(_file.Path);

        await using var stores = await _file.OpenAsync();

        (await stores.Accounts.ListAsync(Some.Org, false, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_the_remedy()
    {
        File.WriteAllText(_file.Path, "");

        Should.Throw<StoreUnavailableException>(() => SqliteDatabase.Open(Path.Combine(_file.Path, "qrie.db"))).Message.ShouldContain("make it writable");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_with_the_remedy()
    {
        // A file system that refuses new files even to root; elsewhere than on Linux it does not exist, and its root refuses.
        Should.Throw<StoreUnavailableException>(() => SqliteDatabase.Open("/sys/qrie/qrie.db")).Message.ShouldContain("make it writable");
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_made()
    {
        var path = Path.Combine(Path.GetDirectoryName(_file.Path)!, "data", "deep", "qrie.db");

        await using var database = SqliteDatabase.Open(path);

        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused_and_stays_as_it_is()
    {
        await using (await _file.OpenAsync())
        {
        }

        await _file.ExecuteAsync("UPDATE installation SET value = '999' WHERE name = 'schema_version'");

        (await Should.ThrowAsync<StoreUnavailableException>(() => _file.OpenAsync())).Message.ShouldContain("schema 999");

        (await _file.QueryAsync("SELECT value FROM installation WHERE name = 'schema_version'")).ShouldBe(["999"]);
    }

    [Fact]
    public async Task A_commit_is_on_the_disk_when_it_returns()
    {
        await using var stores = await _file.OpenAsync();
        await stores.Accounts.AddAsync(Some.Account(), CancellationToken.None);

        // What a crash now would leave: the files as they are, copied under the open store.
        using var copy = new SqliteFile();
        File.Copy(_file.Path, copy.Path);
        File.Copy(_file.Path + "-wal", copy.Path + "-wal");
        await using var after = await copy.OpenAsync();

        (await after.Accounts.FindAsync(Some.Org, Some.AccountId, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Readers_go_on_while_a_writer_writes()
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
    public async Task A_transaction_that_fails_leaves_nothing_and_the_store_usable()
    {
        await using var stores = await _file.OpenAsync();
        var (scan, units) = Some.Scan("scan-1", 0, (Some.AccountId, "s3"));

        await Should.ThrowAsync<Exception>(() => stores.Scans.CreateAsync(scan, [units[0], units[0]], CancellationToken.None));

        (await stores.Scans.FindAsync(Some.Org, "scan-1", CancellationToken.None)).ShouldBeNull();
        (await stores.Scans.CreateAsync(scan, units, CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_commit_that_SQLite_itself_rolls_back_leaves_nothing_and_the_store_usable()
    {
        await using var database = SqliteDatabase.Open(_file.Path);
        await database.WriteAsync(t => t.Connection!.ExecuteAsync("CREATE TABLE a (b INTEGER)", null, t), default);
        var refuses = true;

        // As a full disk does at a commit, and nothing else that needs no full disk.
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

    [Fact]
    public async Task What_was_deleted_is_not_in_the_file_any_more()
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
