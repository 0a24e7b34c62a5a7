using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Benchmarks.JmesPath;

/// <summary>Evaluations per second and allocated bytes on one core, and the time to parse.</summary>
internal sealed class JmesPathWorkload : IWorkload
{
    /// <summary>Typical policies. The first four are simple comparisons.</summary>
    private static readonly (string Name, string Text)[] s_expressions =
    [
        ("equals", "Versioning.Status == 'Enabled'"),
        ("not equals", "Encryption.Rules[0].Apply.Algorithm != 'aws:kms'"),
        ("number", "Retention.Days < `365`"),
        ("and or not", "!(PublicAccess.BlockPublicAcls && PublicAccess.BlockPublicPolicy) || Versioning.Status == 'Suspended'"),
        ("missing", "ObjectLock.Rule.Mode"),
        ("filter, none", "Grants[?Grantee.URI == 'http://acs.amazonaws.com/groups/global/AllUsers']"),
        ("filter, some", "Grants[?Permission == 'READ'].Grantee.ID"),
        ("contains", "contains(['STANDARD', 'GLACIER'], Class)"),
        ("count", "length(Grants[?Permission == 'FULL_CONTROL']) > `1`"),
        ("variables", "let $p = Permission in Grants[?Permission == $p && $limit > `0`] | [0]"),
    ];

    public string Name => "jmespath";

    public string Description => "policy expressions on 2 KB and 50 KB documents, parsing, the compliance suite's benchmarks";

    public Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var context = new EvaluationContext { Variables = new Dictionary<string, JmesValue> { ["limit"] = JmesValue.FromNumber(3) } };
        foreach (var size in new[] { 2, 50 })
        {
            var document = BucketDocument.OfSize(size * 1024);
            foreach (var (name, text) in s_expressions)
            {
                var expression = JmesPathExpression.Parse(text);
                CallRate.Measure($"{name}, {size} KB", () => expression.Evaluate(document, context), figures);
            }

            var traced = JmesPathExpression.Parse(s_expressions[0].Text);
            CallRate.Measure($"equals with trace, {size} KB", () => traced.Evaluate(document, new() { Trace = new(["Policy"]) }), figures);
        }

        foreach (var (name, text) in s_expressions)
        {
            figures.Write($"parse {name}", 1e6 / CallRate.Of(() => JmesPathExpression.Parse(text)), "us");
        }

        Suite(figures);
        return Task.FromResult(0);
    }

    private static void Suite(FigureWriter figures)
    {
        var folder = Environment.GetEnvironmentVariable("QRIE_JMESPATH_SUITE") ?? Path.Combine("..", "shared", "jmespath-compliance");
        var file = Path.Combine(folder, "benchmarks.json");
        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"The compliance suite was not found at {file}; its benchmark cases are skipped. Set QRIE_JMESPATH_SUITE.");
            return;
        }

        foreach (var group in JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.EnumerateArray())
        {
            var given = group.GetProperty("given");
            foreach (var benchmark in group.GetProperty("cases").EnumerateArray())
            {
                var name = "suite: " + benchmark.GetProperty("comment").GetString();
                var text = benchmark.GetProperty("expression").GetString()!;
                var expression = JmesPathExpression.Parse(text);
                figures.Write(name, 1e6 / CallRate.Of(() => JmesPathExpression.Parse(text)), "us to parse");
                if (benchmark.GetProperty("bench").GetString() is not "parse")
                {
                    figures.Write(name, CallRate.Of(() => expression.Evaluate(given)), "evaluations/s");
                }
            }
        }
    }
}
