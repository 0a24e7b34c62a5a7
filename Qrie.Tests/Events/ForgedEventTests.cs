using System.Text.Json.Nodes;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>Forged messages from a sender with access to the queue.</summary>
public sealed class ForgedEventTests : IAsyncLifetime
{
    private const int Reads = 20;

    private EventWorld _world = null!;
    private int _sent;

    public async ValueTask InitializeAsync() => _world = await EventWorld.NewAsync(new EventSettings { ReadsPerHour = Reads, UnitReadsPerHour = 3 });

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_flood_of_invented_names_causes_a_limited_number_of_reads_per_hour()
    {
        for (var minute = 0; minute < 50; minute++)
        {
            await ProcessAsync([.. Enumerable.Range(0, 10).Select(i => Put($"invented-{minute}-{i}"))]);
            await LookAsync();
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        _world.Aws.Describes.ShouldBe(Reads);
        var used = _world.Get<EventBudget>().Used(Some.Org).ShouldHaveSingleItem();
        (used.AccountId, used.Reads.Resources, used.Reads.IsExhausted).ShouldBe((Some.AccountId, Reads, true));
        used.Reads.Units.ShouldBeInRange(1, 3);
        (await OutcomesAsync())[MessageOutcome.OverBudget].ShouldBeGreaterThan(400);
    }

    [Fact]
    public async Task Changes_during_a_flood_are_found_by_reading_the_unit()
    {
        await ProcessAsync([.. Enumerable.Range(0, 2 * Reads).Select(i => Put($"invented-{i}"))]);
        _world.Aws.Change("real", versioned: false, TimeSpan.Zero);
        await ProcessAsync(Put("real"));
        (await _world.StateAsync()).ShouldBeEmpty();

        _world.Clock.Advance(TimeSpan.FromMinutes(11));
        await LookAsync();

        (await _world.StateAsync()).ShouldContain("real Suspended");
    }

    [Fact]
    public async Task Every_account_has_its_own_budget()
    {
        await _world.Get<IAccountStore>().AddAsync(Some.Account(Some.OtherAccountId), default);
        await ProcessAsync([.. Enumerable.Range(0, 2 * Reads).Select(i => Put($"invented-{i}"))]);

        await ProcessAsync(EventWorld.Record("PutBucketVersioning", "theirs", _world.Clock.Now, Some.OtherAccountId));

        _world.Get<EventBudget>().Used(Some.Org).Single(u => u.AccountId == Some.OtherAccountId).Reads.ShouldBe(new EventReads(1, 0));
    }

    [Fact]
    public async Task The_account_of_the_envelope_must_be_that_of_the_record()
    {
        var forged = JsonNode.Parse(Put("a"))!;
        forged["account"] = "999999999999";
        await DieAsync(forged.ToJsonString());

        var dead = await DeadAsync();
        dead.Reason.ShouldContain("its envelope is of account 999999999999, and the record within of account 111122223333");
        (dead.AccountId, _world.Aws.Describes).ShouldBe(("", 0));
    }

    [Theory]
    [InlineData("awsRegion", "us-east-1\u001b[2J")]
    [InlineData("awsRegion", "../../etc")]
    [InlineData("recipientAccountId", "12345678901a")]
    [InlineData("recipientAccountId", "\u202E12345678901")]
    public async Task An_invalid_account_or_region_is_refused_and_sanitized(string member, string value)
    {
        var forged = JsonNode.Parse(Put("a"))!;
        forged["account"] = null;
        forged["detail"]![member] = value;

        await DieAsync(forged.ToJsonString());

        var dead = await DeadAsync();
        dead.Reason.ShouldStartWith("It is not a CloudTrail record: '");
        ShouldBeClean(dead);
        (dead.AccountId, dead.Region).ShouldBe(("", ""));
        (await HealthAsync()).Places.ShouldAllBe(p => p.AccountId == "" && p.Region == "");
    }

    [Fact]
    public async Task Text_of_messages_is_truncated_and_sanitized()
    {
        var name = $"\u001b[31m\u202Eevil\r\nfake line {new string('x', 1000)}";
        _world.Aws.Refusal = id => new SingleCollectionResult.Unreadable("AccessDenied", $"{id} is not yours");

        await DieAsync(Put(name));

        var dead = await DeadAsync();
        dead.Reason.ShouldStartWith("AWS::S3::Bucket");
        ShouldBeClean(dead);
    }

    [Fact]
    public async Task Overlong_ids_are_refused()
    {
        await ProcessAsync(Put(new string('x', 3000)));

        _world.Aws.Describes.ShouldBe(0);
    }

    [Fact]
    public async Task Invented_regions_and_accounts_create_a_limited_number_of_rows()
    {
        for (var i = 0; i < 200; i++)
        {
            var region = JsonNode.Parse(Put("a"))!;
            region["detail"]!["awsRegion"] = $"xx-nowhere-{i}";
            await ProcessAsync(region.ToJsonString());
        }

        (await HealthAsync()).Places.Count.ShouldBeLessThanOrEqualTo(65);
    }

    private string Put(string bucket) => EventWorld.Record("PutBucketVersioning", bucket, _world.Clock.Now);

    private Task<ProcessedBatch> ProcessAsync(params string[] bodies) =>
        _world.Processor.ProcessAsync([.. bodies.Select(b => new EventMessage($"m{_sent++}", "r", b, 1))], hasDeadLetterQueue: false, default);

    private Task<ProcessedBatch> DieAsync(string body) =>
        _world.Processor.ProcessAsync([new EventMessage("dead", "r", body, 3)], hasDeadLetterQueue: false, default);

    private async Task LookAsync()
    {
        while (await _world.Rechecks.RecheckResourcesAsync(default) || await _world.Rechecks.ReadUnitAsync(default))
        {
        }
    }

    private async Task<DeadEvent> DeadAsync() => (await _world.Events.ListDeadAsync(Some.Org, new PageRequest(10), default)).Items.ShouldHaveSingleItem();

    private Task<EventHealth> HealthAsync() => _world.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default);

    private static void ShouldBeClean(DeadEvent dead)
    {
        foreach (var text in (string[])[dead.Reason, dead.EventName])
        {
            text.Length.ShouldBeLessThanOrEqualTo(256);
            text.ShouldNotContain(c => char.IsControl(c) || c == '\u202E');
        }
    }

    private async Task<Dictionary<MessageOutcome, long>> OutcomesAsync() =>
        (await HealthAsync()).Outcomes
            .GroupBy(o => o.Outcome).ToDictionary(g => g.Key, g => g.Sum(o => o.N));
}
