using System.Buffers;
using System.Text.Json;
using Qrie.Api.Exports.Formats;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.SecurityHub;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Exports.SecurityHub;

/// <summary>
/// Sends rows to the Security Hub of their account and region, in batches. A finding has at most about 10 KB, far below the limits of 240 KB, and of 6 MB for a
/// batch.
/// </summary>
internal sealed class SecurityHubSender(SecurityHubImport import, PrincipalResolver principals, IAccountStore accounts, AwsRegion home)
{
    /// <summary>Rows of all accounts and regions that are held back to fill batches.</summary>
    private const int MaxWaiting = 5000;

    public async Task<SecurityHubReport> SendAsync(string organization, IAsyncEnumerable<ExportRow> rows, CancellationToken cancel)
    {
        var known = (await accounts.ListAsync(organization, includeRemoved: true, cancel)).ToDictionary(a => a.AccountId);
        var batches = new Dictionary<(string AccountId, string Region), List<JsonElement>>();
        var report = new SecurityHubReport();
        var (waiting, writing) = (0, new ArrayBufferWriter<byte>());
        await foreach (var row in rows.WithCancellation(cancel))
        {
            var place = PlaceOf(row);
            if (report.IsClosed(place) || !known.ContainsKey(row.AccountId))
            {
                report.Skip(place);
                continue;
            }

            if (!batches.TryGetValue(place, out var batch))
            {
                batches[place] = batch = [];
            }

            batch.Add(Asff(row, writing));
            waiting++;
            if (batch.Count == SecurityHubImport.MaxFindings || waiting > MaxWaiting)
            {
                var fullest = waiting > MaxWaiting ? batches.MaxBy(b => b.Value.Count).Key : place;
                waiting -= batches[fullest].Count;
                await SendAsync(known[fullest.AccountId], fullest, batches[fullest], report, cancel);
                batches.Remove(fullest);
            }
        }

        foreach (var (place, batch) in batches)
        {
            await SendAsync(known[place.AccountId], place, batch, report, cancel);
        }

        return report;
    }

    /// <summary>The account and region whose Security Hub a row belongs to.</summary>
    public (string AccountId, string Region) PlaceOf(ExportRow row) => (row.AccountId, AsffFinding.RegionOf(row, home.Name));

    private async Task SendAsync(
        Account account, (string AccountId, string Region) place, List<JsonElement> batch, SecurityHubReport report, CancellationToken cancel)
    {
        if (report.IsClosed(place))
        {
            report.Skip(place, batch.Count);
            return;
        }

        var outcome = await import.SendAsync(await principals.ResolveAsync(account, cancel), place.Region, batch, cancel);
        report.Add(place, batch.Count, outcome);
    }

    private JsonElement Asff(ExportRow row, ArrayBufferWriter<byte> writing)
    {
        writing.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(writing))
        {
            AsffFinding.Write(json, row, home.Name);
        }

        return JsonElement.Parse(writing.WrittenSpan);
    }
}

/// <summary>What Security Hub accepted.</summary>
internal sealed class SecurityHubReport
{
    private const int ProblemsShown = 20;

    private readonly HashSet<(string AccountId, string Region)> _closed = [];
    private readonly HashSet<(string AccountId, string Region)> _behind = [];
    private readonly Dictionary<string, long> _problems = new(StringComparer.Ordinal);

    public long Imported { get; private set; }

    /// <summary>Findings that were refused, or not sent because the account's Security Hub in the region accepts none.</summary>
    public long Refused { get; private set; }

    /// <summary>Why, with the number of findings; the first twenty different reasons.</summary>
    public IEnumerable<(string Reason, long Findings)> Problems => _problems.Select(p => (p.Key, p.Value));

    /// <summary>The accounts and regions whose Security Hub has not accepted everything.</summary>
    public IReadOnlySet<(string AccountId, string Region)> Behind => _behind;

    /// <summary>A call failed: further ones would, too.</summary>
    public bool IsClosed((string AccountId, string Region) place) => _closed.Contains(place);

    public void Skip((string AccountId, string Region) place, int findings = 1)
    {
        Refused += findings;
        _behind.Add(place);
    }

    public void Add((string AccountId, string Region) place, int sent, ImportOutcome outcome)
    {
        Imported += outcome.Imported;
        Refused += sent - outcome.Imported;
        if (outcome.Imported < sent)
        {
            _behind.Add(place);
        }

        if (outcome.Error is { } error)
        {
            _closed.Add(place);
            Note($"{place.AccountId}, {place.Region}: {error.Code}: {error.Message}", sent);
        }

        foreach (var refused in outcome.Refused)
        {
            Note($"{place.AccountId}, {place.Region}: {refused.Code}: {refused.Message}", 1);
        }
    }

    private void Note(string problem, int findings)
    {
        var text = SafeText.Clean(problem);
        if (_problems.Count < ProblemsShown || _problems.ContainsKey(text))
        {
            _problems[text] = _problems.GetValueOrDefault(text) + findings;
        }
    }
}
