using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Inventory;
using Qrie.Tests.Api;
using Qrie.Tests.Support;

namespace Qrie.Tests.Exports;

/// <summary>A service with an open, a resolved and a suppressed finding, an unknown verdict and an unreadable list; the names try to break formats.</summary>
internal static class ExportWorld
{
    public const string Unversioned = "S3BucketVersioningDisabled";

    /// <summary>The name of the bucket with a finding.</summary>
    public const string Nasty = "</script><img src=x onerror=\"window.broken=1\">|`b`*\u0001 &amp;%41";

    public const string Fixed = "fixed";
    public const string Unreadable = "unreadable";
    public const string Held = "held";

    public static string Arn(string bucket) => $"arn:aws:s3:::{bucket}";

    public static async Task<RunningQrie> StartAsync()
    {
        var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Unversioned);
        var (nasty, unreadable) = (StoredWorld.Bucket(Nasty), StoredWorld.Bucket(Unreadable));
        var held = StoredWorld.Bucket(Held, -100);
        var (before, after) = (StoredWorld.Bucket(Fixed), StoredWorld.Bucket(Fixed, 100, "{}"));
        await qrie.Services.GetRequiredService<IExceptionStore>().AddAsync(
            [
                Some.Exception(Unversioned, Arn(Held)) with
                {
                    Owner = "web-team",
                    Reason = "</script> is fine",
                    ExpiresAt = new DateTimeOffset(2100, 1, 31, 0, 0, 0, TimeSpan.Zero),
                },
            ],
            most: 10, CancellationToken.None);
        await qrie.WriteAsync(nasty, before, unreadable, held);
        await qrie.EvaluateAsync(held, Some.Fails(Unversioned));
        await qrie.EvaluateAsync(
            [nasty, before], Some.Fails(Unversioned, evidence: """{"half":"\ud800","markup":"</script><b>","formula":"=1","face":"😀"}"""));
        await qrie.EvaluateAsync(unreadable, Some.IsUnknown(Unversioned, attribute: "Versioning"));
        await qrie.WriteAsync(after);
        await qrie.EvaluateAsync(after, Some.Passes(Unversioned));
        await qrie.Services.GetRequiredService<ICoverageStore>().RecordAsync(
            Organizations.Default,
            Some.Coverage(StoredWorld.Account, "eu-west-1", "AWS::S3::AccessPoint") with
            {
                Outcome = ListOutcome.Denied,
                ErrorCode = "AccessDenied",
                Message = "<no>",
            },
            CancellationToken.None);
        return qrie;
    }
}
