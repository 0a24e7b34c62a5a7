using System.Globalization;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>Calls the routes that clients use, and checks only the status.</summary>
internal sealed class ApiTest(QopRequest request, ServiceClient service, QopReport report)
{
    private const string SomeAccount = "123456789012";

    private static readonly ApiCase[] _all =
    [
        new("/accounts"),
        new("/services"),
        new("/services?supported=true"),
        new("/resources"),
        new("/resources?page_size=5"),
        new($"/resources?account={SomeAccount}"),
        new($"/resources?account={SomeAccount}&page_size=2"),
        new("/summary/resources"),
        new($"/summary/resources?account={SomeAccount}"),
        new("/summary/dashboard"),
        new("/findings"),
        new("/findings?page_size=3"),
        new("/findings?state=ACTIVE"),
        new("/findings?state=RESOLVED"),
        new($"/findings?account={SomeAccount}"),
        new("/findings?policy=S3BucketPublic"),
        new($"/findings?state=ACTIVE&account={SomeAccount}"),
        new("/summary/findings"),
        new($"/summary/findings?account={SomeAccount}"),
        new("/policies"),
        new("/policies?status=all"),
        new("/policies?status=active"),
        new("/policies?status=available"),
        new("/policies?services=s3"),
        new("/policies?services=s3,ec2"),
        new("/policies?status=active&services=s3"),
        new("/policies?status=available&services=ec2"),
        new("/policies?policy_id=S3BucketPublic"),
        new("/policies?policy_id=S3BucketVersioningDisabled"),
        new("/policies?policy_id=EC2UnencryptedEBS"),
        new("/policies?policy_id=RDSPublicAccess"),
        new("/policies?policy_id=NonExistentPolicy", 404),
    ];

    /// <summary>The given one, or all.</summary>
    public static IReadOnlyList<ApiCase> Of(QopRequest request) => request.Endpoint is not { } endpoint
        ? _all
        : [new(request.Params.Count == 0
            ? endpoint
            : $"{endpoint}?{string.Join('&', request.Params.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"))}")];

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var progress = new ProgressLine(report.Console);
        var cases = Of(request);
        var answers = new List<ApiResponse>();
        foreach (var asked in cases)
        {
            if (report.Console.IsTerminal)
            {
                await progress.ShowAsync(answers.Count, cases.Count, asked.Path);
            }

            var began = report.Console.Clock.GetTimestamp();
            var answer = await service.AskAsync(HttpMethod.Get, asked.Path, null, cancel);
            answers.Add(new ApiResponse(asked.Path, asked.Expected, answer.Status, (long)report.Console.Clock.GetElapsedTime(began).TotalMilliseconds));
        }

        await progress.ClearAsync();
        var (passed, failed) = (answers.Count(a => a.Passed), answers.Count(a => !a.Passed));
        var rate = string.Create(CultureInfo.InvariantCulture, $"{100.0 * passed / answers.Count:0.0}");
        List<string[]> rows = [["Result", "Status", "Expected", "Time", "Request"]];
        rows.AddRange(answers.Select(a => new[] { a.Passed ? "passed" : "FAILED", Text(a.Status), Text(a.Expected), $"{a.DurationMs}ms", $"GET {a.Path}" }));
        await report.ResultAsync(TextTable.Lines(rows));
        await report.ResultAsync("", $"Passed: {passed}", $"Failed: {failed}", $"Success rate: {rate}%");
        if (answers.Exists(a => a.Status is 401 or 403 && !a.Passed))
        {
            await report.WarnAsync(
                request.ApiKey is null ? "An API key is required: provide one with --api-key or in QRIE_API_KEY."
                    : "This API key may not read; use another one.");
        }

        await report.FinishAsync(new { Passed = passed, Failed = failed, Requests = answers });
        return failed == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A request and its expected status.</summary>
internal sealed record ApiCase(string Path, int Expected = 200);

/// <summary>The response.</summary>
internal sealed record ApiResponse(string Path, int Expected, int Status, long DurationMs)
{
    public bool Passed => Status == Expected;
}
