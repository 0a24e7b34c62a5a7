using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Qrie.Tests.Emulator;

/// <summary>The output of <c>tools/estate/build.py</c>.</summary>
internal sealed record BuiltEstate(
    IReadOnlyList<string> Accounts, IReadOnlyList<string> Regions, IReadOnlyList<ExpectedVerdict> Verdicts, IReadOnlyList<DeniedList> DeniedLists,
    IReadOnlyList<string> Hidden, IReadOnlyList<EstateRule> Rules)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly Lazy<Task<BuiltEstate>> Built = new(BuildAsync);

    /// <summary>Shared by the whole run, because nothing changes it.</summary>
    public static Task<BuiltEstate> CreateAsync() => Built.Value;

    public void Govern(FaultProxy proxy) => Govern(proxy, Rules);

    /// <summary>Forwards everything, and adds the responses that the emulator lacks.</summary>
    public void Answer(FaultProxy proxy) => Govern(proxy, Rules.Where(rule => !rule.Deny));

    private static void Govern(FaultProxy proxy, IEnumerable<EstateRule> rules)
    {
        foreach (var rule in rules)
        {
            var on = proxy.On(rule.Call).ForAccount(rule.Account);
            on = rule.Region is null ? on : on.ForRegion(rule.Region);
            on = rule.Resource is null ? on : on.About(rule.Resource);
            if (rule.Deny)
            {
                on.AccessDenied();
            }
            else if (rule.Answer is not null)
            {
                var kind = rule.Answer.StartsWith('<') ? "text/xml" : "application/x-amz-json-1.1";
                on.Answer(_ => new FaultResponse(200, kind, rule.Answer));
            }
            else if (rule.Error is not null)
            {
                on.Error(rule.Error, 400, rule.Message ?? "");
            }
            else
            {
                on.Change(body => Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(body), rule.Pattern!, rule.Replacement!)));
            }
        }
    }

    private static async Task<BuiltEstate> BuildAsync()
    {
        string[] accounts = [.. Enumerable.Range(0, 3).Select(_ => Estate.Create().AccountId)];
        var folder = Directory.CreateTempSubdirectory("qrie-estate-");
        try
        {
            var file = Path.Combine(folder.FullName, "expected.json");
            var start = new ProcessStartInfo("python3") { RedirectStandardError = true, RedirectStandardOutput = true };
            string[] arguments =
            [
                Path.Combine(AppContext.BaseDirectory, "tools", "estate", "build.py"),
                "--endpoint", (await MotoServer.UrlAsync()).ToString(), "--accounts", string.Join(',', accounts), "--out", file,
            ];
            Array.ForEach(arguments, start.ArgumentList.Add);
            using var build = Process.Start(start)!;
            var (output, errors) = (build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
            await build.WaitForExitAsync();
            build.ExitCode.ShouldBe(0, await output + await errors);
            await using var stream = File.OpenRead(file);
            return (await JsonSerializer.DeserializeAsync<BuiltEstate>(stream, Json))!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

internal sealed record ExpectedVerdict(string Arn, string Name, string Policy, string Verdict);

internal sealed record DeniedList(string Account, string Region, string Type);

internal sealed record EstateRule(string Call, string Account, string? Region, string? Resource, bool Deny, string? Pattern, string? Replacement,
    string? Answer, string? Error,
    string? Message);
