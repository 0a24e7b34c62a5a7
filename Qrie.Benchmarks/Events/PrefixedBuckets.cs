using System.Text.Json;
using Qrie.Aws.Api;

namespace Qrie.Benchmarks.Events;

/// <summary>
/// Recordings contain the calls of scans, which list all buckets. An event lists one bucket by its prefix; this class answers that call from the recorded
/// list, as S3 would do.
/// </summary>
internal sealed class PrefixedBuckets(IAwsApi recorded) : IAwsApi
{
    private static readonly JsonElement _all = JsonElement.Parse("""{"MaxBuckets":1000}""");

    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        if (call is not { Service: "s3", Operation: "ListBuckets", Parameters.ValueKind: JsonValueKind.Object }
            || !call.Parameters.TryGetProperty("Prefix", out var prefix))
        {
            return await recorded.CallAsync(call, cancel);
        }

        var all = await recorded.CallAsync(call with { Parameters = _all }, cancel);
        if (all.Error is not null)
        {
            return all;
        }

        var buckets = all.Content.GetProperty("Buckets").EnumerateArray()
            .Where(b => b.GetProperty("Name").GetString()!.StartsWith(prefix.GetString()!, StringComparison.Ordinal));
        return AwsResult.Success(JsonSerializer.SerializeToElement(new { Buckets = buckets.ToList() }), all.SentAt, all.RequestId);
    }
}
