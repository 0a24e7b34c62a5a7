using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>
/// What is counted. Databases also have the sums of organizational units, which follow from those of accounts; and counts of verdicts and unknown attributes
/// of accounts only, which are added up here.
/// </summary>
internal static class CounterRows
{
    private const string OfUnits = "ou:";
    private const string Findings = "finding_counts";
    private const string History = "finding_history";
    private const string PolicyHistory = "policy_history";
    private const string Services = "service_counts";
    private const string Types = "type_counts";
    private const string Pairs = "compliance_counts";
    private const string Exceptions = "exception_counts";
    private const string Open = "open_days";
    private const string Resolved = "resolution_days";
    private const string Unknown = "unknown_attribute_counts";
    private const string Verdicts = "verdict_counts";

    /// <summary>
    /// Stands for the policies that are not known: databases count resolutions by month without them, and what happened before they counted by policy.
    /// </summary>
    private const string NoPolicy = "";

    private static readonly (string Column, PairVerdict Verdict)[] s_pairs =
    [
        ("passed", PairVerdict.Pass), ("failed", PairVerdict.Fail), ("unknown", PairVerdict.Unknown), ("not_applicable", PairVerdict.NotApplicable),
        ("out_of_scope", PairVerdict.OutOfScope), ("excepted", PairVerdict.Excepted),
    ];

    public static IEnumerable<ImportStep> Steps =>
    [
        Step(Findings, ["policy_id"], row => CounterGroups.OfPolicy(row.Text("policy_id")), row =>
            [(KeyText.Join(row.Text("band"), row.Text("state")), row.Number("n"))]),
        new([History, PolicyHistory], ["organization", "account_id", "period"], HistoryAsync),
        Step(Services, ["service"], row => CounterGroups.OfService(row.Text("service")), row =>
            [(CounterGroups.Resources, row.Number("resources")), (CounterGroups.NonCompliant, row.Number("non_compliant"))]),
        Step(Types, ["type"], row => CounterGroups.OfType(row.Text("type"), row.Text("service")), row =>
        [
            (CounterGroups.Resources, row.Number("resources")), (CounterGroups.Unread, row.Number("unread")),
            (CounterGroups.Accounts, row.Number("accounts")),
        ]),
        Step(Pairs, ["policy_id", "revision"], row => CounterGroups.OfPairs(row.Text("policy_id"), row.Number("revision")), row =>
            s_pairs.Select(pair => (Json.Name(pair.Verdict), row.Number(pair.Column)))),
        Step(Exceptions, ["exception_id"], row => CounterGroups.Exception + row.Text("exception_id"), row => [(CounterGroups.N, row.Number("n"))]),
        Step(Open, ["day"], row => CounterGroups.OfOpen(row.Day("day")), row =>
            [(KeyText.Join(row.Text("kind"), row.Text("band")), row.Number("n"))]),
        Step(Resolved, ["day"], row => CounterGroups.OfResolved(row.Day("day")), row =>
        [
            (KeyText.Join(row.Text("band"), CounterGroups.N), row.Number("n")),
            (KeyText.Join(row.Text("band"), CounterGroups.Seconds), row.Number("seconds")),
        ]),
        new([Unknown], ["organization", "type"], (session, group) => OfServicesAsync(
            session, group.Of(Unknown), (service, row) => CounterGroups.OfUnknown(service, row.Text("type")),
            row => KeyText.Join(row.Text("attribute"), row.Text("error_code")))),
        new([Verdicts], ["organization", "policy_id", "revision"], (session, group) => OfServicesAsync(
            session, group.Of(Verdicts), (service, row) => CounterGroups.OfVerdicts(service, row.Text("policy_id"), row.Number("revision")),
            row => KeyText.Join(row.Text("verdict"), row.Text("attribute"), row.Text("error_code")))),
    ];

    public static void AddTo(StateRows rows) => rows.Add(CounterItems.PartitionOf("", "", 0), RowsOf);

    /// <summary>Counts of which the rows of an account and a group are one item.</summary>
    private static ImportStep Step(
        string table, string[] key, Func<TransferRow, string> groupOf, Func<TransferRow, IEnumerable<(string Name, long N)>> countsOf) =>
        new([table], ["organization", "account_id", .. key], (session, group) =>
        {
            var first = group.Of(table)[0];
            if (!first.Text("account_id").StartsWith(OfUnits, StringComparison.Ordinal))
            {
                Put(session, first, first.Text("account_id"), groupOf(first), group.Of(table).SelectMany(countsOf));
            }

            return Task.CompletedTask;
        });

    private static void Put(
        WriteSession session, TransferRow row, string accountId, string group, IEnumerable<(string Name, long N)> counts)
    {
        var item = new Item();
        foreach (var count in counts.GroupBy(c => c.Name))
        {
            item.Set(count.Key, count.Sum(c => c.N));
        }

        session.Overwrite(CounterItems.KeyOf(row.Text("organization"), accountId, 0, group), item);
    }

    /// <summary>Counts by account_service, with their sums over all accounts.</summary>
    private static Task OfServicesAsync(
        WriteSession session, IReadOnlyList<TransferRow> rows, Func<string, TransferRow, string> groupOf, Func<TransferRow, string> nameOf)
    {
        var counted = rows.Select(row => (Row: row, Of: AccountService.Split(row.Text("account_service")))).ToList();
        foreach (var own in counted.GroupBy(c => c.Of))
        {
            Put(session, rows[0], own.Key.AccountId, groupOf(own.Key.Service, rows[0]), own.Select(c => (nameOf(c.Row), c.Row.Number("n"))));
        }

        foreach (var all in counted.GroupBy(c => c.Of.Service))
        {
            Put(session, rows[0], CounterItems.AllAccounts, groupOf(all.Key, rows[0]), all.Select(c => (nameOf(c.Row), c.Row.Number("n"))));
        }

        return Task.CompletedTask;
    }

    private static Task HistoryAsync(WriteSession session, RowGroup group)
    {
        var row = group.Of(History).Concat(group.Of(PolicyHistory)).First();
        var (accountId, period) = (row.Text("account_id"), row.Day("period"));
        foreach (var policy in group.Of(PolicyHistory).GroupBy(h => h.Text("policy_id")))
        {
            Put(session, row, accountId, CounterGroups.OfHistory(period, policy.Key), policy.Select(h => (h.Text("change"), h.Number("n"))));
        }

        var known = group.Of(PolicyHistory).GroupBy(h => h.Text("change")).ToDictionary(g => g.Key, g => g.Sum(h => h.Number("n")));
        var others = group.Of(History).Select(h => (Change: h.Text("change"), N: h.Number("n")))
            .Select(h => (h.Change, N: h.N - known.GetValueOrDefault(h.Change))).Where(h => h.N != 0 || !known.ContainsKey(h.Change)).ToList();
        if (others.Count > 0)
        {
            Put(session, row, accountId, CounterGroups.OfHistory(period, NoPolicy), others);
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<TransferRow> RowsOf(StoredItem item)
    {
        var (accountId, isAll) = (item.Parts[2], item.Parts[2] == CounterItems.AllAccounts);
        var key = item.SortParts;
        return (key[0] + KeyText.Separator) switch
        {
            CounterGroups.Policy => item.Counts.Select(c => Row(Findings, c.N).Set("policy_id", key[1])
                .Set("band", CounterGroups.PartsOf(c.Name).First).Set("state", CounterGroups.PartsOf(c.Name).Second)),
            CounterGroups.History => item.Counts.SelectMany(c => HistoryOf(c.Name, c.N)),
            CounterGroups.Service => [Row(Services).Set("service", key[1]).Set("resources", N(CounterGroups.Resources))
                .Set("non_compliant", N(CounterGroups.NonCompliant))],
            CounterGroups.Type => TypeRows(),
            CounterGroups.Pairs => PairRows(),
            CounterGroups.Exception => [Row(Exceptions, N(CounterGroups.N)).Set("exception_id", key[1])],
            CounterGroups.Open => item.Counts.Select(c => Row(Open, c.N).Set("day", key[1])
                .Set("kind", CounterGroups.PartsOf(c.Name).First).Set("band", CounterGroups.PartsOf(c.Name).Second)),
            CounterGroups.Resolved => item.Counts.GroupBy(c => CounterGroups.PartsOf(c.Name).First).Select(band => Row(Resolved)
                .Set("day", key[1]).Set("band", band.Key).Set("n", N(KeyText.Join(band.Key, CounterGroups.N)))
                .Set("seconds", N(KeyText.Join(band.Key, CounterGroups.Seconds)))),
            CounterGroups.Unknown when !isAll => item.Counts.Select(c => OfService(Unknown, key[1], c.N).Set("type", key[2])
                .Set("attribute", c.Name.Split(KeyText.Separator, 2)[0]).Set("error_code", c.Name.Split(KeyText.Separator, 2)[1])),
            CounterGroups.Verdicts when !isAll => item.Counts.Select(VerdictRow),
            CounterGroups.Unknown or CounterGroups.Verdicts => [],
            _ => throw new InvalidDataException($"Counts of the kind '{key[0]}' cannot be exported by this version."),
        };

        long N(string name) => item.Item.Number(name) ?? 0;

        TransferRow Row(string table, long? n = null)
        {
            var row = new TransferRow(table, sums: true).Set("organization", item.Organization).Set("account_id", accountId);
            return n is null ? row : row.Set("n", n);
        }

        TransferRow OfService(string table, string service, long n) => new TransferRow(table, sums: true)
            .Set("organization", item.Organization).Set("account_service", AccountService.Of(accountId, service)).Set("n", n);

        IEnumerable<TransferRow> HistoryOf(string change, long n)
        {
            yield return Row(History, n).Set("period", key[1]).Set("change", change);
            if (key[2] != NoPolicy && change != Json.Name(FindingChange.Resolved))
            {
                yield return Row(PolicyHistory, n).Set("period", key[1]).Set("policy_id", key[2]).Set("change", change);
            }
        }

        IEnumerable<TransferRow> TypeRows()
        {
            yield return Row(Types).Set("type", key[1]).Set("service", key[2]).Set("resources", N(CounterGroups.Resources))
                .Set("unread", N(CounterGroups.Unread)).Set("accounts", N(CounterGroups.Accounts));
            // Where there are none but were some, the item of the place is a row.
            if (!isAll && N(CounterGroups.Resources) is not 0 and var resources)
            {
                yield return OfService("resource_counts", key[2], resources).Set("type", key[1]);
            }
        }

        // A database has no rows of policies without any verdict.
        IEnumerable<TransferRow> PairRows()
        {
            if (item.Counts.Any(c => c.N != 0))
            {
                var row = Row(Pairs).Set("policy_id", key[1]).Set("revision", long.Parse(key[2], CultureInfo.InvariantCulture));
                foreach (var (column, verdict) in s_pairs)
                {
                    row.Set(column, N(Json.Name(verdict)));
                }

                yield return row;
            }
        }

        TransferRow VerdictRow((string Name, long N) count)
        {
            var name = count.Name.Split(KeyText.Separator, 3);
            return OfService(Verdicts, key[1], count.N).Set("policy_id", key[2]).Set("revision", long.Parse(key[3], CultureInfo.InvariantCulture))
                .Set("verdict", name[0]).Set("attribute", name[1]).Set("error_code", name[2]);
        }
    }
}
