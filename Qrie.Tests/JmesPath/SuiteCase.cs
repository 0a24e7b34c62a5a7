using System.Text;
using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

/// <summary>A case in the format of the JMESPath compliance suite: the result or error of an expression over a document.</summary>
public sealed record SuiteCase(string File, int Group, int Number, JsonElement Given, JsonElement Case)
{
    public string Expression => Case.GetProperty("expression").GetString()!;

    public JsonElement? Result => Case.TryGetProperty("result", out var result) ? result : null;

    public string? Error => Case.TryGetProperty("error", out var error) ? error.GetString() : null;

    public bool IsBenchmark => Case.TryGetProperty("bench", out _);

    /// <summary>The variables of the case; only our cases have any.</summary>
    public IReadOnlyDictionary<string, JmesValue>? Variables => Case.TryGetProperty("variables", out var variables)
        ? variables.EnumerateObject().ToDictionary(v => v.Name, v => (JmesValue)v.Value)
        : null;

    public static IReadOnlyList<SuiteCase> ReadFolder(string folder)
    {
        var cases = new List<SuiteCase>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(System.IO.File.ReadAllText(path, Encoding.UTF8));
            var group = 0;
            foreach (var suite in document.RootElement.Clone().EnumerateArray())
            {
                var number = 0;
                cases.AddRange(suite.GetProperty("cases").EnumerateArray().Select(c =>
                    new SuiteCase(Path.GetFileNameWithoutExtension(path), group, number++, suite.GetProperty("given"), c)));
                group++;
            }
        }

        return cases;
    }

    /// <summary>Runs the case and fails if the outcome differs.</summary>
    public void Check(JmesPathOptions? options = null)
    {
        if (Error is { } error)
        {
            var thrown = Should.Throw<JmesPathException>(() => Run(options), $"{Expression} should fail with {error}");
            thrown.Code.ShouldBe(error, thrown.Message);
        }
        else if (Result is { } expected)
        {
            var actual = Run(options);
            Same(expected, actual.ToJsonElement()).ShouldBeTrue($"{Expression}\n  over {Given}\n  gives {actual}\n  not   {expected}");
        }
        else
        {
            JmesPathExpression.Parse(Expression, options).Text.ShouldBe(Expression);
        }
    }

    private JmesValue Run(JmesPathOptions? options) =>
        JmesPathExpression.Parse(Expression, options).Evaluate(Given, new EvaluationContext { Variables = Variables });

    /// <summary>Compares the JSON only, so that an error in the engine's equality cannot hide a difference.</summary>
    private static bool Same(JsonElement expected, JsonElement actual)
    {
        if (actual.ValueKind is JsonValueKind.Undefined)
        {
            return expected.ValueKind is JsonValueKind.Null;
        }

        if (expected.ValueKind != actual.ValueKind)
        {
            return false;
        }

        return expected.ValueKind switch
        {
            JsonValueKind.Number => expected.GetDouble() == actual.GetDouble(),
            JsonValueKind.Array => expected.GetArrayLength() == actual.GetArrayLength()
                && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(p => Same(p.First, p.Second)),
            JsonValueKind.Object => expected.GetPropertyCount() == actual.GetPropertyCount()
                && expected.EnumerateObject().All(p => actual.TryGetProperty(p.Name, out var other) && Same(p.Value, other)),
            JsonValueKind.String => expected.GetString() == actual.GetString(),
            _ => true,
        };
    }
}
