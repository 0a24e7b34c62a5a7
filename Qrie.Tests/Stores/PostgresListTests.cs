using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Sql;
using Qrie.Sql.Database;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>
/// What lists read on PostgreSQL, as the server counts it: with row-level security, which is in force here, it plans otherwise than without.
/// </summary>
public sealed class PostgresListTests(PostgresListStore store) : IClassFixture<PostgresListStore>
{
    /// <summary>Rows and index entries of findings and resources that a page may read; each table has ten times as many.</summary>
    private const int Most = 4000;

    private const int Size = 50;

    private static readonly Dictionary<string, FindingFilter> s_filters = new()
    {
        ["none"] = new FindingFilter(),
        ["account"] = new FindingFilter(PostgresListStore.AccountId(7)),
        ["policy"] = new FindingFilter(PolicyId: "P3"),
        ["state"] = new FindingFilter(State: FindingState.Resolved),
        ["severity"] = new FindingFilter(SeverityFrom: 30, SeverityTo: 30),
        ["region"] = new FindingFilter(Region: "eu-west-1"),
        ["prefix of an account"] = new FindingFilter(ArnPrefix: $"arn:aws:s3:::{PostgresListStore.AccountId(7)}"),
        ["prefix of few resources"] = new FindingFilter(ArnPrefix: $"arn:aws:s3:::{PostgresListStore.AccountId(7)}-000"),
        ["by severity"] = new FindingFilter(Order: FindingOrder.Severity),
        ["by policy"] = new FindingFilter(Order: FindingOrder.Policy),
        ["by account"] = new FindingFilter(Order: FindingOrder.Account),
        ["by resource"] = new FindingFilter(Order: FindingOrder.Resource),
    };

    public static TheoryData<string> Filters() => [.. s_filters.Keys];

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_page_of_findings_reads_little_and_so_does_the_next(string filter)
    {
        Page<Finding>? page = null;
        for (var i = 0; i < 3; i++)
        {
            var request = new PageRequest(Size, page?.Next);
            var read = await store.CountReadAsync(async findings =>
                page = await findings.ListAsync(Organizations.Default, s_filters[filter], request, TestContext.Current.CancellationToken));
            page!.Items.Count.ShouldBe(Size);
            read.ShouldBeInRange(Size, Most, $"page {i + 1}");
        }
    }

    [Fact]
    public async Task Groups_by_resource_read_little()
    {
        var read = await store.CountReadAsync(findings => findings.GroupAsync(
            Organizations.Default, new FindingFilter(), FindingGrouping.Resource, new PageRequest(Size), TestContext.Current.CancellationToken));

        read.ShouldBeInRange(Size, Most);
    }
}

/// <summary>40,000 resources of 20 accounts with a finding each, statistics collected.</summary>
public sealed class PostgresListStore : IAsyncLifetime
{
    private PostgresDatabase _database = null!;
    private StoreSet _stores = null!;

    public static string AccountId(int number) => (100_000_000_000 + number).ToString(CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        // One connection, so that it can be asked what it has read.
        var connection = await PostgresServer.CreateDatabaseAsync() + ";Maximum Pool Size=1";
        _database = PostgresDatabase.Open(connection);
        _stores = await StoreSets.PrepareAsync(
            new ServiceCollection().AddSqlStores(_ => throw new InvalidOperationException()).AddSingleton<SqlDatabase>(_database).BuildServiceProvider(),
            _database.DisposeAsync);
        for (var i = 0; i < 20; i++)
        {
            await _stores.Accounts.AddAsync(Some.Account(AccountId(i)), CancellationToken.None);
        }

        await PostgresServer.ExecuteAsync(
            connection,
            """
            INSERT INTO resources (organization, account_service, arn, account_id, service, type, resource_id, region, listed_in, hash, describe_time,
                                   first_seen, last_seen, change_seq, size)
            SELECT 'default', a || '_s3', 'arn:aws:s3:::' || a || '-' || lpad((i / 20)::text, 5, '0'), a, 's3', 'AWS::S3::Bucket', a || '-' || i,
                   CASE i % 3 WHEN 0 THEN 'eu-west-1' ELSE 'us-east-1' END, 'us-east-1', 'hash', i, i, i, i, 100
            FROM (SELECT i, (100000000000 + i % 20)::text AS a FROM generate_series(1, 40000) i) r;
            INSERT INTO resource_counts SELECT organization, account_service, type, count(*) FROM resources GROUP BY 1, 2, 3;
            INSERT INTO findings (organization, account_service, arn, policy_id, account_id, service, type, region, severity, state, evidence, first_seen,
                                  last_evaluated, describe_time, transitions)
            SELECT organization, account_service, arn, 'P' || describe_time % 7, account_id, service, type, region, 10 * (1 + describe_time % 7),
                   CASE describe_time % 11 WHEN 0 THEN 'resolved' ELSE 'active' END, '{}', describe_time / 1000, describe_time, describe_time, '[]'
            FROM resources;
            INSERT INTO finding_counts
            SELECT organization, coalesce(account_id, '*'), policy_id, 'low', state, count(*) FROM findings
            GROUP BY GROUPING SETS ((1, account_id, 3, 5), (1, 3, 5));
            INSERT INTO finding_facets SELECT DISTINCT organization, policy_id, state, severity, region, type, service FROM findings;
            """);
        foreach (var table in (string[])["resources", "findings", "finding_facets", "finding_counts", "resource_counts"])
        {
            await PostgresServer.ExecuteAsync(connection, $"VACUUM ANALYZE {table}");
        }
    }

    /// <summary>How many rows and index entries of findings and resources something has read.</summary>
    internal async Task<long> CountReadAsync(Func<IFindingStore, Task> read)
    {
        var before = await CountAsync();
        await read(_stores.Findings);
        return await CountAsync() - before;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stores is not null)
        {
            await _stores.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private async Task<long> CountAsync()
    {
        await _database.ReadAsync(connection => connection.ExecuteAsync("SELECT pg_stat_force_next_flush()"), CancellationToken.None);
        return await _database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>(
                """
                SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('findings', 'resources'))
                     + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('findings', 'resources'))
                """),
            CancellationToken.None);
    }
}
