using Qrie.Aws.Accounts;
using Qrie.Aws.Api;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Checks Qrie's own AWS identity.</summary>
internal sealed class CredentialsCheck(AmbientIdentityLookup ambient, IAwsApi api, AwsRegion region)
{
    private const string Check = "credentials";

    public async Task<Diagnostic> RunAsync(CancellationToken cancel)
    {
        var answer = await ambient.GetAsync(cancel);
        return answer switch
        {
            { Identity: { } root } when root.Arn.EndsWith(":root", StringComparison.Ordinal) =>
                Diagnostic.Warning(
                    Check, $"{root.Arn}: the root user has all permissions.", "Create a role for Qrie with read access and sts:AssumeRole, and use that."),
            { Identity: { } identity } => Diagnostic.Ok(Check, identity.Arn),
            { Problem: { } problem } => Diagnostic.Problem(Check, problem.Message, problem.Kind switch
            {
                AwsErrorKind.Denied => "Replace the credentials: they are expired, deleted, or of another partition.",
                AwsErrorKind.Unavailable => $"Open the network to sts in {region.Name}, set AWS_REGION to a region that can be reached, or set Aws:Endpoint.",
                _ => "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a task or instance role.",
            }),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>Checks that the configured regions are enabled.</summary>
    public async Task<IReadOnlyList<Diagnostic>> RegionsAsync(string? configured, CancellationToken cancel)
    {
        const string check = "regions";
        var answer = await api.CallAsync(new AwsCall(AwsPrincipal.Ambient, region.Name, "ec2", "DescribeRegions"), cancel);
        if (answer.Error is { } error)
        {
            return [Diagnostic.Problem(check, $"ec2:DescribeRegions: {error.Code} {error.Message}", error.Kind == AwsErrorKind.Denied
                ? "Allow ec2:DescribeRegions to Qrie's credentials, or name the regions in Aws:Regions."
                : $"Check that ec2 in {region.Name} can be reached; AWS_REGION selects another region.")];
        }

        HashSet<string> enabled =
        [
            .. answer.Content.GetProperty("Regions").EnumerateArray()
                .Where(r => !(r.TryGetProperty("OptInStatus", out var status) && status.ValueEquals("not-opted-in")))
                .Select(r => r.GetProperty("RegionName").GetString()!),
        ];
        string[] named = [.. (configured ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        List<Diagnostic> wrong =
        [
            .. named.Where(n => !enabled.Contains(n)).Select(n => Diagnostic.Problem(
                check, "It is named in Aws:Regions, but not enabled in the account of Qrie's credentials.",
                "Fix its name, enable it, or remove it from Aws:Regions.", n)),
        ];
        return wrong.Count > 0 ? wrong
            : [Diagnostic.Ok(
                check, named.Length == 0
                    ? $"{enabled.Count} are enabled, calls start from {region.Name}"
                    : $"{string.Join(", ", named)} (Aws:Regions), calls start from {region.Name}")];
    }
}
