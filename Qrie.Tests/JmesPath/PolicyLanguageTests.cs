using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

/// <summary>Runs every example of docs/policy-language.md.</summary>
public sealed class PolicyLanguageTests
{
    private const char Gives = '→';
    private const char IsBoundTo = '←';

    private static readonly Dictionary<string, Example> s_examples = Read();

    public static TheoryData<string> Examples => [.. s_examples.Keys];

    /// <summary>The functions that examples may call.</summary>
    private static JmesPathOptions Options => PolicyFunctions.Options;

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_has_the_documented_result(string place)
    {
        var example = s_examples[place];
        if (example.Result.StartsWith("error ", StringComparison.Ordinal))
        {
            Should.Throw<JmesPathException>(() => Evaluate(example)).Code.ShouldBe(example.Result["error ".Length..]);
            return;
        }

        var result = Evaluate(example);
        (result == JsonDocument.Parse(example.Result).RootElement).ShouldBeTrue($"{example.Expression} gives {result}");
    }

    [Fact]
    public void Every_function_is_documented()
    {
        var page = File.ReadAllText(PagePath());

        Options.Functions.Functions.Where(f => !page.Contains($"`{f.Name}(", StringComparison.Ordinal)).Select(f => f.Name).ShouldBeEmpty();
    }

    [Fact]
    public void The_documented_limits_are_correct()
    {
        var page = File.ReadAllText(PagePath());

        FormattableString limits =
            $"{Options.MaxExpressionLength:N0} characters long and {Options.MaxDepth:N0} levels deep; an evaluation may take {Options.MaxSteps:N0} steps";
        page.ShouldContain(FormattableString.Invariant(limits));
    }

    [Fact]
    public void The_documented_error_is_correct()
    {
        var error = Should.Throw<JmesPathException>(() => JmesPathExpression.Parse("Size && (length() > `3`)"));

        File.ReadAllText(PagePath()).ShouldContain(error.Message);
    }

    private static JmesValue Evaluate(Example example) =>
        JmesPathExpression.Parse(example.Expression, Options).Evaluate(example.Document, new() { Variables = example.Variables });

    private static Dictionary<string, Example> Read()
    {
        var examples = new Dictionary<string, Example>();
        var document = JsonDocument.Parse("null").RootElement;
        var variables = new Dictionary<string, JmesValue>();
        var block = new List<string>();
        string? fence = null;
        foreach (var (number, line) in File.ReadLines(PagePath()).Index())
        {
            if (fence is null && line.StartsWith("| `", StringComparison.Ordinal) && line.Trim('|', ' ').Split(" | ") is [var code, var here, _, _, _])
            {
                examples.Add($"line {number + 1}", new(code.Trim('`').Trim(), here.Trim('`'), document, variables));
            }
            else if (fence is null)
            {
                fence = line.StartsWith("```", StringComparison.Ordinal) ? line[3..] : null;
            }
            else if (line is "```")
            {
                document = fence is "json" ? JsonDocument.Parse(string.Join('\n', block)).RootElement : document;
                variables = [];
                block.Clear();
                fence = null;
            }
            else if (fence is "jmespath" && line.Split(IsBoundTo) is [var name, var value])
            {
                variables = new(variables) { [name.Trim(' ', '$')] = JsonDocument.Parse(value).RootElement };
            }
            else if (fence is "jmespath")
            {
                var at = line.LastIndexOf(Gives);
                examples.Add($"line {number + 1}", new(line[..at].Trim(), line[(at + 1)..].Trim(), document, variables));
            }
            else
            {
                block.Add(line);
            }
        }

        return examples;
    }

    private static string PagePath([CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "docs", "policy-language.md");

    private sealed record Example(string Expression, string Result, JsonElement Document, IReadOnlyDictionary<string, JmesValue> Variables);
}
