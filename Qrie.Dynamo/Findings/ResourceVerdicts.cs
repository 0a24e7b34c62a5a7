using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Findings.Exceptions;
using Qrie.Dynamo.Findings.Triage;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

/// <summary>
/// A resource with its evaluation and findings, in a transaction. Whoever changes a finding writes the resource, too: so the findings of a resource have one
/// order of changes, and what is counted of all of them together is right.
/// </summary>
internal sealed class ResourceVerdicts
{
    /// <summary>The policies of which there is a finding, whatever its state.</summary>
    public const string FindingPolicies = "FindingPolicies";

    /// <summary>See <see cref="ExceptionEvidence"/>.</summary>
    public const string Remembered = "ExceptionEvidence";

    private readonly string _organization;
    private readonly Dictionary<string, Finding> _findings;
    private readonly Dictionary<string, Finding> _changed = new(StringComparer.Ordinal);
    private readonly bool _failed;

    private ResourceVerdicts(string organization, ResourceItem row, IEnumerable<Finding> findings)
    {
        _organization = organization;
        Row = row;
        _findings = findings.ToDictionary(f => f.PolicyId, StringComparer.Ordinal);
        _failed = Fails;
        Evaluation = row.Item.Text(ResourceItem.Evaluation) is { } json ? Json.To<StoredEvaluation>(json) : null;
        NextDue = row.Item.Time(ResourceItem.NextDue);
        ExceptionEvidence = EvidenceOf(row.Item);
    }

    public ResourceItem Row { get; }

    /// <summary>What exceptions that end with a change remember, by policy and exception.</summary>
    public Dictionary<string, RememberedEvidence> ExceptionEvidence { get; }

    /// <summary>Whether it changed.</summary>
    public bool HasRemembered => ExceptionEvidence.Count > 0 && Json.Of(ExceptionEvidence) != Row.Item.Text(Remembered);

    public string AccountServiceName => Row.AccountServiceName;

    /// <summary>Null if it was not evaluated.</summary>
    public StoredEvaluation? Evaluation { get; private set; }

    public DateTimeOffset? NextDue { get; private set; }

    /// <summary>The verdicts were due because of another resource.</summary>
    public bool WasStale => Row.Item.Number(ResourceItem.NextDue) == 0;

    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    /// <summary>The policies whose findings exceptions hold.</summary>
    public HashSet<string> Excepted => [.. _findings.Values.Where(f => f.State == FindingState.Suppressed).Select(f => f.PolicyId)];

    public int ChangedFindings => _changed.Count;

    private bool Fails => _findings.Values.Any(f => f.State == FindingState.Active);

    /// <summary>Those of the resources that are stored.</summary>
    public static async Task<Dictionary<(string AccountService, string Arn), ResourceVerdicts>> LoadAsync(
        WriteSession session, string organization, IReadOnlyCollection<(string AccountService, string Arn)> resources)
    {
        await session.LoadAsync(resources.Select(r => ResourceItem.KeyOf(organization, r.AccountService, r.Arn)));
        var rows = new List<(ResourceItem Row, (string AccountService, string Arn) Id, List<FindingIdentity> Findings)>();
        foreach (var id in resources.Distinct())
        {
            if (await session.GetAsync(ResourceItem.KeyOf(organization, id.AccountService, id.Arn)) is { } item)
            {
                rows.Add((new ResourceItem(organization, item), id, [.. PoliciesOf(item).Select(p => new FindingIdentity(id.AccountService, id.Arn, p))]));
            }
        }

        await session.LoadAsync(rows.SelectMany(r => r.Findings).Select(f => FindingItems.KeyOf(organization, f)));
        var loaded = new Dictionary<(string AccountService, string Arn), ResourceVerdicts>();
        foreach (var (row, id, identities) in rows)
        {
            var findings = new List<Finding>();
            foreach (var identity in identities)
            {
                if (await session.GetAsync(FindingItems.KeyOf(organization, identity)) is { } item)
                {
                    findings.Add(FindingItems.ToFinding(organization, item));
                }
            }

            loaded[id] = new ResourceVerdicts(organization, row, findings);
        }

        return loaded;
    }

    /// <summary>The policies of which a resource has a finding.</summary>
    public static IReadOnlyList<string> PoliciesOf(Item row) => row.Text(FindingPolicies) is { } json ? Json.To<List<string>>(json) : [];

    /// <summary>See <see cref="ExceptionEvidence"/>.</summary>
    public static Dictionary<string, RememberedEvidence> EvidenceOf(Item row) =>
        row.Text(Remembered) is { } known ? Json.To<Dictionary<string, RememberedEvidence>>(known) : [];

    public Finding? Find(string policyId) => _findings.GetValueOrDefault(policyId);

    /// <summary>Replaces a finding, and counts that. What people noted about it follows its state.</summary>
    public void Change(WriteSession session, Finding after, OutboxBatch batch, FindingCounts counts, DateTimeOffset now)
    {
        var before = Find(after.PolicyId);
        if (before is not null)
        {
            var followed = TriageItems.Follow(before, after);
            after = after with { Triage = followed?.Triage ?? before.Triage };
            if (followed is { } follows)
            {
                session.Write(TriageItems.Entry(_organization, new FindingIdentity(after.AccountService, after.Arn, after.PolicyId), follows.Entry));
            }
        }

        counts.Finding(batch, before, after, now);
        _findings[after.PolicyId] = after;
        _changed[after.PolicyId] = after;
    }

    /// <summary>Replaces what people noted about a finding.</summary>
    public void Note(Finding after, OutboxBatch batch)
    {
        FindingCounts.Noted(batch, Find(after.PolicyId)!, after);
        _findings[after.PolicyId] = after;
        _changed[after.PolicyId] = after;
    }

    /// <summary>Deletes a resolved finding for good. What is counted by period stays.</summary>
    public void Delete(WriteSession session, Finding finding, OutboxBatch batch)
    {
        FindingCounts.Delete(batch, finding);
        _findings.Remove(finding.PolicyId);
        foreach (var key in ExceptionEvidence.Keys.Where(key => key.StartsWith($"{finding.PolicyId}#", StringComparison.Ordinal)).ToList())
        {
            ExceptionEvidence.Remove(key);
        }

        session.Delete(FindingItems.KeyOf(_organization, finding));
    }

    /// <summary>A row without some of its findings, which are deleted for good.</summary>
    public static ItemWrite Forget(ResourceItem row, IEnumerable<string> left) => ItemWrite.Change(
        ItemKey.Of(Tables.StoreTables.Resources, row.Item),
        new Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>
        {
            [FindingPolicies] = Item.Value(Json.Of(left.Order(StringComparer.Ordinal))),
        },
        new Dictionary<string, long> { [Item.Version] = 1 });

    /// <summary>Replaces the evaluation, and counts that.</summary>
    /// <param name="policies">Those of the evaluation.</param>
    /// <param name="earlier">Those of the present one; null if there is none.</param>
    public void Evaluate(StoredEvaluation evaluation, DateTimeOffset? nextDue, PolicyList policies, PolicyList? earlier, OutboxBatch batch)
    {
        if (Evaluation is not null)
        {
            FindingCounts.Verdicts(batch, AccountServiceName, Evaluation, earlier!, -1);
        }

        FindingCounts.Verdicts(batch, AccountServiceName, evaluation, policies, +1);
        Evaluation = evaluation;
        NextDue = nextDue;
    }

    /// <summary>The resource is deleted, and its evaluation with it.</summary>
    /// <param name="earlier">The policies of the present evaluation; null if there is none.</param>
    public void Forget(PolicyList? earlier, OutboxBatch batch)
    {
        if (Evaluation is not null)
        {
            FindingCounts.Verdicts(batch, AccountServiceName, Evaluation, earlier!, -1);
        }

        (Evaluation, NextDue) = (null, null);
    }

    /// <summary>Stores the resource and its changed findings, and counts whether it fails.</summary>
    /// <param name="row">The state row to store; null for the present one.</param>
    public void Save(WriteSession session, OutboxBatch batch, Item? row = null)
    {
        if (_failed != Fails)
        {
            var (accountId, service) = AccountService.Split(AccountServiceName);
            batch.Count(accountId, CounterGroups.OfService(service), CounterGroups.NonCompliant, Fails ? +1 : -1);
        }

        foreach (var finding in _changed.Values)
        {
            var key = FindingItems.KeyOf(_organization, finding);
            session.Expect(key, null); // those that exist were read
            session.Put(key, FindingItems.ToItem(_organization, finding));
        }

        var item = (row ?? Row.Item.Copy())
            .Set(ResourceItem.Evaluation, Evaluation is null ? null : Json.Of(Evaluation))
            .Set(ResourceItem.NextDue, NextDue)
            .Set(Remembered, ExceptionEvidence.Count == 0 ? null : Json.Of(ExceptionEvidence))
            .Set(FindingPolicies, _findings.Count == 0 ? null : Json.Of(_findings.Keys.Order(StringComparer.Ordinal)));
        session.Put(ItemKey.Of(Tables.StoreTables.Resources, Row.Item), item);
    }
}
