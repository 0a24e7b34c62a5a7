using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;

namespace Qrie.Api.Demo;

/// <summary>The accounts whose answers were recorded, when and in which regions; <c>tools/demo/record.py</c> writes it beside the recordings.</summary>
internal sealed record SampleOrganization(DateTimeOffset RecordedAt, IReadOnlyList<string> Regions, IReadOnlyList<SampleAccount> Accounts)
{
    /// <exception cref="StartRefusedException">The samples are not there.</exception>
    public static SampleOrganization Read(string samples)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(samples, "organization.json"));
            return JsonSerializer.Deserialize<SampleOrganization>(file, ApiJson.Options)!;
        }
        catch (IOException e)
        {
            throw new StartRefusedException($"The samples for --demo are not there: {e.Message}");
        }
    }
}

internal sealed record SampleAccount(string AccountId, string Name, string Ou);
