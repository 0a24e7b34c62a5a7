using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Archiving;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Archiving;

/// <summary>Archives written and read back, with what can go wrong in between.</summary>
public sealed class ArchiveTests : IAsyncLifetime
{
    private readonly MemoryBucket _bucket = new();
    private readonly FakeClock _clock = new();
    private StoreSet _stores = null!;
    private Archives _archives = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        _archives = new Archives(
            _stores.Archives, _bucket, new ArchiveWriter(_stores.Archives, _bucket, _clock) { FindingsInPart = 3 }, _clock, NullLogger<Archives>.Instance);
        foreach (var account in (string[])[Some.AccountId, Some.OtherAccountId])
        {
            await _stores.Accounts.AddAsync(Some.Account(account), default);
        }

        await _stores.Policies.LaunchAsync(Some.Policy(), default);
        await _stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
    }

    public async ValueTask DisposeAsync()
    {
        _archives.Dispose();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Everything_is_read_back_in_parts()
    {
        await OpenAsync(Some.AccountId, "a", "b", "c", "d");
        await OpenAsync(Some.OtherAccountId, "x");
        await ResolveAsync("a");

        var archive = await WriteAsync();

        (archive.Status, archive.Findings, archive.Parts).ShouldBe((ArchiveStatus.Completed, 10, 4));
        _bucket.Objects.Count.ShouldBe(5);
        var lines = await ReadAsync(archive);
        lines.Select(l => (Text(l, "account_id"), Text(l, "arn"), Text(l, "policy"))).ShouldBe(
            from resource in new[]
            {
                (Some.AccountId, "a"), (Some.AccountId, "b"), (Some.AccountId, "c"), (Some.AccountId, "d"), (Some.OtherAccountId, "x"),
            }
            from policy in new[] { Some.Public, Some.Unversioned }
            select (resource.Item1, Some.ArnOf(resource.Item2), policy));
        var resolved = lines[0];
        (Text(resolved, "state"), Text(resolved, "resolved_reason")).ShouldBe(("RESOLVED", "COMPLIANT"));
        resolved.GetProperty("transitions").EnumerateArray().Select(t => Text(t, "state")).ShouldBe(["RESOLVED", "ACTIVE"]);
        resolved.GetProperty("evidence").GetProperty("violation").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_archive_is_filtered_by_policy_and_account()
    {
        await OpenAsync(Some.AccountId, "a", "b");
        await OpenAsync(Some.OtherAccountId, "x");
        var archive = await WriteAsync();

        (await ReadAsync(archive, policy: Some.Public)).Count.ShouldBe(3);
        (await ReadAsync(archive, account: Some.OtherAccountId)).Count.ShouldBe(2);
        (await ReadAsync(archive, Some.Public, Some.OtherAccountId)).Count.ShouldBe(1);
        (await WriteAsync(Some.OtherAccountId)).Findings.ShouldBe(2);
    }

    [Fact]
    public async Task Without_findings_an_archive_is_empty_and_complete()
    {
        var archive = await WriteAsync();

        (archive.Status, archive.Findings).ShouldBe((ArchiveStatus.Completed, 0));
        (await ReadAsync(archive)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_that_is_not_valid_and_line_breaks_stay_one_line()
    {
        var bucket = Some.Bucket("line\nbreak\u2028");
        await _stores.Resources.WriteAsync(Some.Org, [bucket], Some.Noon, default);
        await _stores.Findings.ApplyAsync(
            Some.Org, [Some.Evaluated(bucket, Some.Fails(evidence: """{"half":"\ud800","line":"a\nb"}"""), Some.Passes(Some.Unversioned))], null, default);

        var line = (await ReadAsync(await WriteAsync())).Single();

        Text(line, "arn").ShouldBe(Some.ArnOf("line\nbreak\u2028"));
        line.GetProperty("evidence").GetRawText().ShouldContain("""\ud800""");
    }

    [Theory]
    [InlineData("findings-00002")]
    [InlineData("manifest")]
    public async Task A_refused_object_fails_the_archive_and_it_is_not_listed_as_complete(string refused)
    {
        await OpenAsync(Some.AccountId, "a", "b");
        _bucket.Refuses = refused;

        var archive = await WriteAsync();

        (archive.Status, archive.Error).ShouldBe((ArchiveStatus.Failed, $"default/{archive.ArchiveId}/{KeyOf(refused)} cannot be written: SlowDown"));
        (await _stores.Archives.ListFailingAsync(Some.Org, default)).Select(a => a.ArchiveId).ShouldBe([archive.ArchiveId]);
        var reader = new ArchiveReader(_bucket);
        (await AllAsync(reader.ListAsync(Some.Org, default))).ShouldBe([(archive.ArchiveId, (ArchiveManifest?)null)]);
        (await Should.ThrowAsync<ArchiveException>(() => reader.ManifestAsync(Some.Org, archive.ArchiveId, default))).Message.ShouldContain("no manifest");

        _bucket.Refuses = null;
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await WriteAsync()).Status.ShouldBe(ArchiveStatus.Completed);
        (await _stores.Archives.ListFailingAsync(Some.Org, default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("truncated", "bytes")]
    [InlineData("altered", "checksum")]
    [InlineData("missing", "missing")]
    [InlineData("counted wrong", "findings")]
    public async Task A_damaged_part_is_not_shown(string damage, string why)
    {
        await OpenAsync(Some.AccountId, "a", "b", "c");
        var archive = await WriteAsync();
        var key = $"default/{archive.ArchiveId}/findings-00002.jsonl.gz";
        var manifest = $"default/{archive.ArchiveId}/manifest.json";
        var bytes = _bucket.Objects[key];
        switch (damage)
        {
            case "truncated":
                _bucket.Objects[key] = bytes[..^1];
                break;
            case "altered":
                bytes[^1] ^= 1;
                break;
            case "missing":
                _bucket.Objects.Remove(key);
                break;
            default:
                var text = System.Text.Encoding.UTF8.GetString(_bucket.Objects[manifest]);
                _bucket.Objects[manifest] = System.Text.Encoding.UTF8.GetBytes(text.Replace("\"findings\": 3,", "\"findings\": 2,"));
                break;
        }

        var shown = new List<string>();
        var error = await Should.ThrowAsync<ArchiveException>(async () =>
        {
            var reader = new ArchiveReader(_bucket);
            await foreach (var line in reader.ReadAsync(await reader.ManifestAsync(Some.Org, archive.ArchiveId, default), null, null, default))
            {
                shown.Add(line);
            }
        });

        error.Message.ShouldContain(why);
        shown.Count.ShouldBe(3, "the first part only");
    }

    [Fact]
    public async Task A_crash_while_writing_is_repeated_with_the_same_id()
    {
        await OpenAsync(Some.AccountId, "a", "b");
        var archive = await _archives.RequestAsync(Some.Org, null, default);
        _bucket.Objects[$"default/{archive.ArchiveId}/findings-00001.jsonl.gz"] = [1, 2, 3];
        await Should.ThrowAsync<ConflictException>(() => _archives.RequestAsync(Some.Org, null, default));

        await _archives.RunAsync(default);

        (await ReadAsync((await _stores.Archives.FindAsync(Some.Org, archive.ArchiveId, default))!)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_schedule_archives_once_in_its_interval_and_repeats_what_failed()
    {
        await OpenAsync(Some.AccountId, "a");
        _bucket.Refuses = "manifest";
        await ScheduledAsync(0);
        _bucket.Refuses = null;
        await ScheduledAsync(600);
        await ScheduledAsync(600);
        await ScheduledAsync(86_400);

        (await _stores.Archives.ListAsync(Some.Org, new(10), default)).Items.Select(a => (a.Reason, a.Status)).ShouldBe(
            [(ArchiveReason.Schedule, ArchiveStatus.Completed), (ArchiveReason.Schedule, ArchiveStatus.Completed)]);
    }

    [Fact]
    public async Task A_purge_waits_for_its_archive_and_makes_it_once()
    {
        await OpenAsync(Some.AccountId, "a", "b");
        var purge = new AccountPurge(Some.Org, Some.AccountId, _clock.Now, null, new Dictionary<string, long>(), Checked: false);
        _bucket.Refuses = "findings-00002";
        await Should.ThrowAsync<ArchiveException>(() => _archives.BeforePurgeAsync(purge, default));

        _bucket.Refuses = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _archives.BeforePurgeAsync(purge, default);
        await _archives.BeforePurgeAsync(purge, default);

        var archive = (await _stores.Archives.ListAsync(Some.Org, new(10), default)).Items.Single();
        (archive.Reason, archive.AccountId, archive.Status, archive.Findings, archive.Error)
            .ShouldBe((ArchiveReason.Purge, Some.AccountId, ArchiveStatus.Completed, 4, null));

        // Findings that were written while it was deleted are archived before the check deletes them.
        _clock.Advance(TimeSpan.FromMinutes(1));
        var finished = purge with { FinishedAt = _clock.Now };
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _archives.BeforePurgeAsync(finished, default);
        (await _stores.Archives.ListAsync(Some.Org, new(10), default)).Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_bucket_nothing_is_archived()
    {
        _bucket.Location = null;
        await OpenAsync(Some.AccountId, "a");

        await _archives.BeforePurgeAsync(
            new AccountPurge(Some.Org, Some.AccountId, _clock.Now, null, new Dictionary<string, long>(), Checked: false), default);
        await _archives.RunScheduledAsync(Some.Org, TimeSpan.FromDays(1), default);

        (await Should.ThrowAsync<ConflictException>(() => _archives.RequestAsync(Some.Org, null, default))).Message.ShouldContain("Archive:Bucket");
        (await _stores.Archives.ListAsync(Some.Org, new(10), default)).Items.ShouldBeEmpty();
    }

    private static string KeyOf(string part) => part == "manifest" ? "manifest.json" : $"{part}.jsonl.gz";

    private static string? Text(JsonElement line, string member) => line.GetProperty(member).GetString();

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items)
        {
            all.Add(item);
        }

        return all;
    }

    /// <summary>Buckets with two findings each.</summary>
    private async Task OpenAsync(string account, params string[] names)
    {
        var buckets = names.Select(n => Some.Bucket(n, account: account)).ToList();
        await _stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, default);
        await ApplyAsync(buckets.Select(b => Some.Evaluated(b, Some.Fails(), Some.Fails(Some.Unversioned))));
    }

    private async Task ResolveAsync(string name)
    {
        var bucket = Some.Bucket(name, 10, """{"v":2}""");
        await _stores.Resources.WriteAsync(Some.Org, [bucket], Some.At(10), default);
        await ApplyAsync([Some.Evaluated(bucket, Some.Passes(), Some.Passes(Some.Unversioned))]);
    }

    private async Task ApplyAsync(IEnumerable<EvaluatedResource> evaluated) =>
        (await _stores.Findings.ApplyAsync(Some.Org, [.. evaluated], null, default)).Outcomes.ShouldAllBe(o => o == ApplyOutcome.Applied);

    private async Task<Archive> WriteAsync(string? account = null)
    {
        var archive = await _archives.RequestAsync(Some.Org, account, default);
        await _archives.RunAsync(default);
        return (await _stores.Archives.FindAsync(Some.Org, archive.ArchiveId, default))!;
    }

    private async Task<List<JsonElement>> ReadAsync(Archive archive, string? policy = null, string? account = null)
    {
        var reader = new ArchiveReader(_bucket);
        var manifest = await reader.ManifestAsync(Some.Org, archive.ArchiveId, default);
        return [.. (await AllAsync(reader.ReadAsync(manifest, policy, account, default))).Select(line => JsonElement.Parse(line))];
    }

    private async Task ScheduledAsync(double after)
    {
        _clock.Advance(TimeSpan.FromSeconds(after));
        await _archives.RunScheduledAsync(Some.Org, TimeSpan.FromDays(1), default);
    }
}
