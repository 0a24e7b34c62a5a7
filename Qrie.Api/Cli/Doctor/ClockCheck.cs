using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;

namespace Qrie.Api.Cli.Doctor;

/// <summary>This machine's clock against that of AWS: what was described when decides what counts, and events are compared with it.</summary>
internal sealed class ClockCheck(ModelCatalog models, AwsRegion region, AwsApiOptions options, TimeProvider clock)
{
    private const string Check = "clock";
    private const string Remedy = "Let the machine keep its clock by NTP (chrony, systemd-timesyncd, Amazon Time Sync).";

    /// <summary>AWS refuses signatures that are older.</summary>
    private static readonly TimeSpan _refused = TimeSpan.FromMinutes(5);

    /// <summary>Beyond it events look older than what is stored; the header is right to a second only.</summary>
    private static readonly TimeSpan _noticeable = TimeSpan.FromSeconds(5);

    public async Task<Diagnostic> RunAsync(CancellationToken cancel)
    {
        // Whatever is answered, even a refusal, has the time in its head.
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
                : Diagnostic.Skipped(Check, $"{url.Host} does not say what time it is.");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Diagnostic.Skipped(
                Check, $"{url.Host} cannot be asked for the time: {e.GetBaseException().Message}", "Open the network to AWS, or fix Aws:Endpoint.");
        }
    }

    private static Diagnostic Compare(DateTimeOffset ours, DateTimeOffset theirs, TimeSpan took)
    {
        var off = ours - theirs;
        var text = $"{Math.Abs(off.TotalSeconds):0} s {(off > TimeSpan.Zero ? "ahead of" : "behind")} AWS";
        return off.Duration() > _refused ? Diagnostic.Problem(Check, $"The clock is {text}; AWS refuses signatures that are 5 minutes off.", Remedy)
            : off.Duration() > _noticeable + took ? Diagnostic.Warning(Check, $"The clock is {text}: events may be taken for old ones.", Remedy)
            : Diagnostic.Ok(Check, "as AWS's, to a second or two");
    }
}
