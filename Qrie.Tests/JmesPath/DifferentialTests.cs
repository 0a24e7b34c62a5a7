using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

/// <summary>Compares random expressions over random documents with Python's engine, as far as it supports the language.</summary>
public sealed class DifferentialTests
{
    private const int Cases = 20_000;

    // Reads one case per line and writes one outcome per line. A Python error other than the engine's own (contains() of a number in a string raises TypeError)
    // is
    // ignored.
    private const string Script = """
        import json, sys, jmespath
        from jmespath import exceptions
        for line in sys.stdin:
            case = json.loads(line)
            try:
                print(json.dumps({'result': jmespath.search(case['expression'], case['given'])}))
            except exceptions.JMESPathError:
                print('{"error": true}')
            except Exception:
                print('{}')
        """;

    [PythonFact]
    public void Random_expressions_have_the_results_of_Pythons_jmespath()
    {
        var cases = Enumerable.Range(0, Cases).Select(seed =>
        {
            var generator = new RandomExpressions(new Random(seed), classic: true);
            return (Expression: generator.Expression(), Given: JsonSerializer.SerializeToElement(generator.Object()));
        }).ToList();

        var theirs = Python(cases);

        var differences = new List<string>();
        var compared = 0;
        var results = 0;
        for (var i = 0; i < cases.Count; i++)
        {
            var (expression, given) = cases[i];
            if (!theirs[i].EnumerateObject().Any())
            {
                continue;
            }

            compared++;
            var wanted = theirs[i].TryGetProperty("result", out var result) ? (JmesValue)result : (JmesValue?)null;
            var ours = Ours(expression, given);
            results += wanted is { IsNull: false } ? 1 : 0;
            if (ours != wanted)
            {
                differences.Add($"{expression} over {given}: ours {(ours is null ? "an error" : ours)}, Python {theirs[i]}");
            }
        }

        differences.Count.ShouldBe(0, string.Join('\n', differences.OrderBy(d => d.Length).Take(20)));
        compared.ShouldBeGreaterThan(Cases / 2);
        results.ShouldBeGreaterThan(Cases / 5);
    }

    private static JmesValue? Ours(string expression, JsonElement given)
    {
        try
        {
            return JmesPathExpression.Parse(expression).Evaluate(given);
        }
        catch (JmesPathException)
        {
            return null;
        }
    }

    private static List<JsonElement> Python(List<(string Expression, JsonElement Given)> cases)
    {
        var input = new StringBuilder();
        foreach (var (expression, given) in cases)
        {
            input.AppendLine(JsonSerializer.Serialize(new { expression, given }));
        }

        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var feeding = Task.Run(() =>
        {
            python.StandardInput.Write(input);
            python.StandardInput.Close();
        });
        var answers = new List<JsonElement>();
        while (python.StandardOutput.ReadLine() is { } line)
        {
            answers.Add(JsonDocument.Parse(line, new() { MaxDepth = 1_000 }).RootElement);
        }

        feeding.IsFaulted.ShouldBeFalse();
        answers.Count.ShouldBe(cases.Count);
        return answers;
    }

    /// <summary>Skipped where Python or its jmespath is missing, unless everything is required.</summary>
    private sealed class PythonFactAttribute : FactAttribute
    {
        public PythonFactAttribute() =>
            Skip = Present() || Environment.GetEnvironmentVariable("QRIE_REQUIRE_ALL") == "1" ? null : "python3 with the package jmespath is not here";

        private static bool Present()
        {
            try
            {
                using var python = Process.Start(new ProcessStartInfo("python3", ["-c", "import jmespath"]) { RedirectStandardError = true });
                python!.WaitForExit(TimeSpan.FromSeconds(20));
                return python.HasExited && python.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }
}
