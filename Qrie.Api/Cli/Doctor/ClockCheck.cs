using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Compares this machine's clock with AWS's: describe times order writes and are compared with event times.</summary>
internal sealed class ClockCheck(ModelCatalog models, AwsRegion region, AwsApiOptions options, TimeProvider clock)
{
    private const string Check = "clock";
    private const string Remedy = "Synchronize the machine's clock by NTP (chrony, systemd-timesyncd, Amazon Time Sync).";

    /// <summary>AWS refuses signatures with a larger difference.</summary>
    private static readonly TimeSpan _refused = TimeSpan.FromMinutes(5);

    /// <summary>Beyond this, events appear older than stored descriptions; the header is accurate to a second only.</summary>
    private static readonly TimeSpan _noticeable = TimeSpan.FromSeconds(5);

    public async Task<Diagnostic> RunAsync(CancellationToken cancel)
    {
        // Any response, even a refusal, has a Date header.
        var url = options.Endpoint is { } emulator ? new Uri(emulator) : models.Endpoints.Resolve("sts", region.Name).Url;
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = options.ConnectTimeout })
        {
            Timeout = TimeSpan.FromSeconds(10),
        };
        try
        {
            var (asked, began) = (clock.GetUtcNow(), clock.GetTimestamp());
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancel);
            var took = clock.GetElapsedTime(began);
            return answer.Headers.Date is { } theirs
                ? Compare(asked + (took / 2), theirs, took)
                : Diagnostic.Skipped(Check, $"The response of {url.Host} contains no time.");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Diagnostic.Skipped(
                Check, $"The time of {url.Host} cannot be read: {e.GetBaseException().Message}", "Open the network to AWS, or fix Aws:Endpoint.");
        }
    }

    private static Diagnostic Compare(DateTimeOffset ours, DateTimeOffset theirs, TimeSpan took)
    {
        var off = ours - theirs;
        var text = $"{Math.Abs(off.TotalSeconds):0} s {(off > TimeSpan.Zero ? "ahead of" : "behind")} AWS";
        return off.Duration() > _refused ? Diagnostic.Problem(Check, $"The clock is {text}; AWS refuses signatures that are 5 minutes off.", Remedy)
            : off.Duration() > _noticeable + took ? Diagnostic.Warning(Check, $"The clock is {text}: events may be treated as stale.", Remedy)
            : Diagnostic.Ok(Check, "matches AWS's clock to a second or two");
    }
}
