using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class AuditStoreContract : StoreContract
{
    [Fact]
    public async Task An_entry_is_returned_as_written()
    {
        var entry = Entry("1") with
        {
            Actor = new Actor("key1", "Pipeline", Role.Operator, "2001:db8::1", "request-1"),
            Before = Some.Json("""{"severity":50,"name":"ключ"}"""),
            After = Some.Json("""{"severity":90}"""),
        };

        await Stores.Audit.BeginAsync(entry, None);

        Some.Text((await AllAsync()).Single()).ShouldBe(Some.Text(entry));
    }

    [Fact]
    public async Task Completed_entries_replace_the_started_one()
    {
        var begun = Entry("1") with { Subject = "a,b" };
        await Stores.Audit.BeginAsync(begun, None);
        await Stores.Audit.BeginAsync(Entry("2"), None);

        await Stores.Audit.EndAsync(begun, [Done(begun) with { Subject = "a" }, Done(begun) with { AuditId = "3", Subject = "b" }], None);

        (await AllAsync()).Select(e => (e.AuditId, e.Subject, e.Status)).ShouldBe(
            [("3", "b", AuditStatus.Done), ("2", "policy", AuditStatus.Begun), ("1", "a", AuditStatus.Done)]);
    }

    [Fact]
    public async Task Writes_without_effect_leave_no_entry_and_completed_ones_stay()
    {
        var (refused, done) = (Entry("1"), Entry("2"));
        await Stores.Audit.BeginAsync(refused, None);
        await Stores.Audit.BeginAsync(done, None);
        await Stores.Audit.EndAsync(done, [Done(done)], None);

        await Stores.Audit.EndAsync(refused, [], None);
        await Stores.Audit.EndAsync(done, [], None);

        (await AllAsync()).Select(e => e.AuditId).ShouldBe(["2"]);
    }

    [Fact]
    public async Task Entries_are_paged_newest_first()
    {
        foreach (var i in (int[])[3, 1, 5, 2, 4])
        {
            await Stores.Audit.BeginAsync(Entry($"{i}", at: i / 2), None); // some at the same time
        }

        var read = new List<string>();
        IReadOnlyList<string>? after = null;
        do
        {
            var page = await Stores.Audit.ListAsync(Some.Org, new AuditFilter(), new PageRequest(2, after), None);
            read.AddRange(page.Items.Select(e => e.AuditId));
            after = page.Next;
        }
        while (after is not null);

        read.ShouldBe(["5", "4", "3", "2", "1"]);
    }

    [Fact]
    public async Task Every_filter_is_applied()
    {
        await Stores.Audit.BeginAsync(Entry("1", at: 1), None);
        await Stores.Audit.BeginAsync(Entry("2", at: 2) with { Action = "scan.start" }, None);
        await Stores.Audit.BeginAsync(Entry("3", at: 3) with { Subject = "other" }, None);
        await Stores.Audit.BeginAsync(Entry("4", at: 4) with { Actor = new Actor("anonymous", null, Role.Admin, "127.0.0.1", "r") }, None);
        await Stores.Audit.BeginAsync(Entry("5", at: 5) with { Organization = "another" }, None);

        (await IdsAsync(new AuditFilter())).ShouldBe("4321");
        (await IdsAsync(new AuditFilter(Action: "policy.update"))).ShouldBe("431");
        (await IdsAsync(new AuditFilter(Subject: "policy"))).ShouldBe("421");
        (await IdsAsync(new AuditFilter(Actor: "cli:root"))).ShouldBe("321");
        (await IdsAsync(new AuditFilter(From: Some.At(2), To: Some.At(4)))).ShouldBe("32");
        (await IdsAsync(new AuditFilter("cli:root", "policy.update", "policy", Some.At(0), Some.At(9)))).ShouldBe("1");
    }

    private async Task<IReadOnlyList<AuditEntry>> AllAsync() => (await Stores.Audit.ListAsync(Some.Org, new AuditFilter(), new PageRequest(100), None)).Items;

    private async Task<string> IdsAsync(AuditFilter filter) =>
        string.Concat((await Stores.Audit.ListAsync(Some.Org, filter, new PageRequest(100), None)).Items.Select(e => e.AuditId));

    private static AuditEntry Done(AuditEntry entry) => entry with { Status = AuditStatus.Done };

    private static AuditEntry Entry(string id, double at = 0) => new()
    {
        Organization = Some.Org,
        AuditId = id,
        At = Some.At(at),
        Actor = new Actor("cli:root", null, null, null, null),
        Action = "policy.update",
        Subject = "policy",
        Status = AuditStatus.Begun,
    };
}
