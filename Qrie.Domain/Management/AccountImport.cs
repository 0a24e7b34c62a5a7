using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Management;

/// <summary>Registers or changes many accounts at once: all valid ones, or none.</summary>
public sealed class AccountImport(AccountRegistry registry, IAccountStore accounts, AccountLifeCycle lifeCycle, ICatalog catalog)
{
    /// <summary>The maximum number of lines of one import, which is one transaction.</summary>
    public const int MostLines = 5000;

    /// <summary>
    /// Imports accounts. Invalid lines never change anything; unless <paramref name="skipErrors"/>, a single one prevents all changes.
    /// </summary>
    public async Task<ImportReport> RunAsync(
        string organization, IReadOnlyList<ImportLine> lines, bool skipErrors, bool dryRun, bool scan, CancellationToken cancel)
    {
        var report = new ImportedLine[lines.Count];
        var good = new List<int>();
        var seen = new Dictionary<string, int>();
        for (var i = 0; i < lines.Count; i++)
        {
            var errors = Check(lines[i], seen);
            report[i] = Line(lines[i], ImportOutcome.Error, errors.ByField);
            if (!errors.Any)
            {
                seen[lines[i].AccountId!] = lines[i].Number;
                good.Add(i);
            }
        }

        var write = !dryRun && (skipErrors || good.Count == lines.Count);
        var changes = good.ConvertAll(i => registry.Registration(organization, lines[i].AccountId!, lines[i].Settings));
        var results = write
            ? await accounts.ChangeAsync(organization, changes, allOrNothing: !skipErrors, cancel)
            : await PreviewAsync(organization, changes, cancel);
        for (var n = 0; n < good.Count; n++)
        {
            report[good[n]] = Line(lines[good[n]], results[n]);
        }

        var applied = write && (skipErrors || report.All(l => l.Outcome != ImportOutcome.Error));
        return new ImportReport(report, applied, applied ? await FollowAsync(organization, results, scan) : []);
    }

    private FieldErrors Check(ImportLine line, Dictionary<string, int> seen)
    {
        var errors = new FieldErrors();
        foreach (var (field, message) in line.Errors)
        {
            errors.Add(field, message);
        }

        line.Settings.Check(line.AccountId, catalog.Current, errors);
        if (line.AccountId is not null && seen.TryGetValue(line.AccountId, out var first))
        {
            errors.Add("account_id", $"account_id {line.AccountId} is already on line {first}; remove one of them.");
        }

        return errors;
    }

    /// <summary>The outcome of the changes without applying them.</summary>
    private async Task<IReadOnlyList<AccountChangeResult>> PreviewAsync(string organization, List<AccountChange> changes, CancellationToken cancel)
    {
        var results = new List<AccountChangeResult>(changes.Count);
        var own = (await accounts.ListAsync(organization, includeRemoved: true, cancel)).ToDictionary(a => a.AccountId);
        foreach (var change in changes)
        {
            var before = own.GetValueOrDefault(change.AccountId);
            var after = change.Change(before);
            var elsewhere = before is null or not { Status: AccountStatus.Active }
                && await accounts.FindAnywhereAsync(change.AccountId, cancel) is { Status: AccountStatus.Active } other && other.Organization != organization;
            results.Add(new AccountChangeResult(
                elsewhere ? AccountChangeOutcome.ActiveElsewhere
                    : after is null ? AccountChangeOutcome.Unchanged
                    : before is null ? AccountChangeOutcome.Added
                    : AccountChangeOutcome.Changed,
                before, after));
        }

        return results;
    }

    private async Task<IReadOnlyList<string>> FollowAsync(string organization, IReadOnlyList<AccountChangeResult> results, bool scan)
    {
        var started = new List<string>();
        var changed = results.Where(r => r.Outcome is AccountChangeOutcome.Added or AccountChangeOutcome.Changed).ToList();
        var moved = changed.Where(r => r.Before is { Status: AccountStatus.Active } before && AccountSettings.ScopeDiffers(before, r.After!))
            .Select(r => r.After!.AccountId).ToList();
        if (await lifeCycle.EvaluateAgainAsync(organization, moved) is { } evaluating)
        {
            started.Add(evaluating);
        }

        foreach (var account in scan ? changed.Where(r => r.Before is not { Status: AccountStatus.Active }).Select(r => r.After!) : [])
        {
            var scans = await lifeCycle.ScanAsync(organization, account.AccountId);
            started.AddRange(new[] { scans.InventoryScanId, scans.PolicyScanId }.OfType<string>());
        }

        return started;
    }

    private static ImportedLine Line(ImportLine line, AccountChangeResult result) =>
        AccountRegistry.WhyRefused(result.Outcome, line.AccountId!) is { } reason
            ? Line(line, ImportOutcome.Error, new Dictionary<string, string[]> { ["account_id"] = [reason] })
            : Line(
                line,
                result.Outcome == AccountChangeOutcome.Unchanged ? ImportOutcome.Unchanged
                    : result.Before is { Status: AccountStatus.Active } ? ImportOutcome.Updated
                    : ImportOutcome.Created,
                new Dictionary<string, string[]>()) with
            {
                Before = result.Before,
                After = result.After,
            };

    private static ImportedLine Line(ImportLine line, ImportOutcome outcome, IReadOnlyDictionary<string, string[]> errors) =>
        new(line.Number, line.AccountId, outcome, errors);
}

/// <summary>A parsed line.</summary>
/// <param name="Number">From 1: the first line of a CSV record, the position in a JSON array.</param>
/// <param name="Settings">Settings that are not given stay as they are.</param>
/// <param name="Errors">Parse errors, by field.</param>
public sealed record ImportLine(int Number, string? AccountId, AccountSettings Settings, IReadOnlyList<(string Field, string Message)> Errors);

/// <summary>The outcome of an import.</summary>
/// <param name="Applied">False if nothing was changed.</param>
/// <param name="ScanIds">The scans that it started.</param>
public sealed record ImportReport(IReadOnlyList<ImportedLine> Lines, bool Applied, IReadOnlyList<string> ScanIds);

/// <summary>The actual or possible outcome of one line.</summary>
/// <param name="Errors">By field, each with a remedy.</param>
public sealed record ImportedLine(int Line, string? AccountId, ImportOutcome Outcome, IReadOnlyDictionary<string, string[]> Errors)
{
    /// <summary>The account before the import; null if it is new or the line is invalid.</summary>
    public Account? Before { get; init; }

    /// <summary>The account after the import; null if the line is invalid.</summary>
    public Account? After { get; init; }
}

public enum ImportOutcome
{
    /// <summary>It was not watched before.</summary>
    Created,
    Updated,
    Unchanged,
    Error,
}
