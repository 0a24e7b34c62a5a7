using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

/// <summary>Hostile expressions and documents: only the engine's own exceptions, and a quick result.</summary>
public sealed class FuzzTests
{
    private const int Cases = 100_000;
    private const string Fragments = "()[]{}@$&|!=<>?:,.*+-/%'\"`\\ \n0123abc_\u2212\u00d7\u00f7\u00fc\ud834\udf06\ud834\0";

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    private static readonly JmesPathOptions s_options = new() { MaxSteps = 50_000, MaxResultSize = 50_000, MaxDepth = 100 };

    private static readonly string[] s_words =
    [
        "[?", "[]", "[*]", "let $x = ", " in ", "$x", "&@", "map(", "sort_by(",
        "length(", "`1`", "`[", "`{\"a\":", "'\\''", "\"\\u00", "[::", "[1:", "||", "&&",
        "//", "==", "replace(", "split(", "pad_left(", "to_string(", "join(", "find_first(", "@", "$", "*", "`1e400`", "\"\\ud834\"", "[-99999999999]",
    ];

    [Fact]
    public void A_hundred_thousand_random_and_mutated_cases_have_a_result_or_an_error_of_the_engine()
    {
        var seeds = SuiteCase.ReadFolder(OwnCaseTests.Folder()).Select(c => c.Expression).ToArray();
        var outcomes = new Dictionary<string, int>();
        var watch = new Stopwatch();
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var generator = new RandomExpressions(random);
            var text = random.Next(3) == 0 ? seeds[random.Next(seeds.Length)] : generator.Expression(random.Next(1, 6));
            text = random.Next(4) == 0 ? text : Mutate(text, random);
            var document = Document(generator, random);

            watch.Restart();
            var outcome = Run(text, document, random, seed);
            watch.Elapsed.ShouldBeLessThan(s_soon, string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {text}"));
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        // A fuzz that mostly fails to parse would test the parser only.
        outcomes["result"].ShouldBeGreaterThan(Cases / 10);
        outcomes["syntax"].ShouldBeGreaterThan(Cases / 10);
        outcomes.Keys.ShouldContain("invalid-type");
        outcomes.Keys.ShouldContain("limit-exceeded");
    }

    private static string Run(string text, JsonElement document, Random random, int seed)
    {
        try
        {
            var expression = JmesPathExpression.Parse(text, s_options);
            expression.StaticReads();
            var trace = random.Next(2) == 0 ? new EvaluationTrace(["a", "b.c", "*"]) : null;
            var result = expression.Evaluate(document, new() { Trace = trace, Variables = new Dictionary<string, JmesValue> { ["x"] = document } });
            if (trace is not null)
            {
                trace.Paths.Count.ShouldBeLessThan(10_000);
            }

            result.IsTruthy.ShouldBe(!result.IsFalsy);
            return "result";
        }
        catch (JmesPathException e)
        {
            e.Position.ShouldBeInRange(0, text.Length);
            e.Message.ShouldContain("^");
            return e.Code;
        }
        catch (Exception e) when (e is not Shouldly.ShouldAssertException)
        {
            throw new InvalidOperationException($"seed {seed}, expression {text}, document {document}", e);
        }
    }

    private static string Mutate(string text, Random random)
    {
        var result = new StringBuilder(text);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(result.Length + 1);
            switch (random.Next(6))
            {
                case 0 when at < result.Length:
                    result.Remove(at, Math.Min(result.Length - at, random.Next(1, 4)));
                    break;
                case 1 when at < result.Length:
                    result[at] = Fragments[random.Next(Fragments.Length)];
                    break;
                case 2:
                    result.Insert(at, s_words[random.Next(s_words.Length)]);
                    break;
                case 3 when result.Length < 200:
                    result.Insert(at, result.ToString(0, random.Next(result.Length + 1)));
                    break;
                case 4:
                    result.Insert(at, s_words[random.Next(s_words.Length)], random.Next(1, 50));
                    break;
                default:
                    result.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
            }
        }

        return result.ToString();
    }

    private static JsonElement Document(RandomExpressions generator, Random random)
    {
        var text = generator.Document(random.Next(1, 6))?.ToJsonString() ?? "null";
        text = random.Next(12) switch
        {
            0 => $$"""{"a": {{text}}, "a": {{text}}, "b": "\ud834", "\udf06": 1, "c": "\u0000"}""",
            1 => $"[{string.Join(',', Enumerable.Repeat(text, 300))}]",
            2 => $$"""{"a": 1e999, "b": -1e-999, "c": 123456789012345678901234567890, "d": -0, "e": {{text}}}""",
            3 => $"{new string('[', 90)}{text}{new string(']', 90)}",
            4 => $$"""{"a": "{{new string('x', 20_000)}}", "b": {{text}}}""",
            _ => text,
        };
        return JsonDocument.Parse(text, new() { MaxDepth = 1_000 }).RootElement;
    }
}
