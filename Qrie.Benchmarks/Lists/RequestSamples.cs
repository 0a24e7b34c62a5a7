using System.Globalization;
using System.Net;
using System.Text.Json;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Lists;

/// <summary>Replaces the placeholders of a path with values from the store, different ones for each request.</summary>
internal sealed class RequestSamples(QrieProcess qrie, DateTimeOffset now)
{
    private readonly List<JsonElement> _findings = [];

    /// <summary>Some findings of several accounts, to be requested one by one.</summary>
    public async Task TakeAsync()
    {
        for (var account = 0; account < FindingsStore.Accounts; account += 5)
        {
            _findings.AddRange((await GetAsync($"/findings?account={FindingsStore.AccountId(account)}")).GetProperty("findings").EnumerateArray());
        }
    }

    public string Fill(string path, int number)
    {
        var account = FindingsStore.AccountId(number % FindingsStore.Accounts);
        var service = FindingsStore.Services[number % FindingsStore.Services.Count];
        var finding = _findings[number * 7 % _findings.Count];
        return path
            .Replace("{account}", account, StringComparison.Ordinal)
            .Replace("{service}", service, StringComparison.Ordinal)
            .Replace("{policy}", FindingsStore.PolicyId(service, number / 4 % FindingsStore.PoliciesPerService), StringComparison.Ordinal)
            .Replace("{prefix}", FindingsStore.ArnPrefix(account, service), StringComparison.Ordinal)
            .Replace("{finding}", finding.GetProperty("finding_id").GetString(), StringComparison.Ordinal)
            .Replace("{resource}", Uri.EscapeDataString(finding.GetProperty("arn").GetString()!), StringComparison.Ordinal)
            .Replace("{weeks_ago}", now.AddDays(-7 * (1 + (number % 7))).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        var (status, body) = await qrie.GetAsync(path, default);
        return status == HttpStatusCode.OK ? body : throw new InvalidOperationException($"GET {path} answered {status}: {body}");
    }
}
