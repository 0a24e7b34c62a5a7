using System.Globalization;
using System.Text.Json.Nodes;

namespace Qrie.Tests.JmesPath;

/// <summary>Random expressions and documents with few names, so that they often match. Equal seeds have equal results.</summary>
/// <param name="random">The source.</param>
/// <param name="classic">Only syntax of the first edition of JMESPath that all engines parse equally.</param>
internal sealed class RandomExpressions(Random random, bool classic = false)
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e"];
    private static readonly string[] s_comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] s_arithmetic = ["+", "-", "*", "/", "%", "//"];
    private static readonly string[] s_texts = ["", "a", "b", "ab", "abc", "1", "12", "zz"];

    public JsonNode? Document(int depth = 4)
    {
        var shape = depth <= 0 ? random.Next(5) : random.Next(9);
        return shape switch
        {
            0 => null,
            1 => JsonValue.Create(random.Next(2) == 0),
            2 => JsonValue.Create(random.Next(-3, 4)),
            3 => JsonValue.Create(random.Next(-8, 9) / 4.0),
            4 => JsonValue.Create(Pick(s_texts)),
            5 or 6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Document(depth - 1))]),
            _ => Object(depth),
        };
    }

    public JsonObject Object(int depth = 4)
    {
        var result = new JsonObject();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            result[Pick(s_names)] = Document(depth - 1);
        }

        return result;
    }

    public string Expression(int depth = 4)
    {
        if (depth <= 0)
        {
            return Leaf();
        }

        return random.Next(classic ? 13 : 20) switch
        {
            0 or 1 => Leaf(),
            2 or 3 => $"{Path(depth)}.{Tail(depth)}",
            4 => $"{Path(depth)}[{random.Next(-3, 4)}]",
            5 => $"{Path(depth)}[*]{Body(depth)}",
            6 => $"{Path(depth)}[?{Expression(depth - 1)}]{Body(depth)}",
            7 => $"{Path(depth)}[]{Body(depth)}",
            8 => Comparison(Expression(depth - 1), Expression(depth - 1)),
            9 => $"({Expression(depth - 1)} {(random.Next(2) == 0 ? "&&" : "||")} {Expression(depth - 1)})",
            10 => $"!({Expression(depth - 1)})",
            11 => $"({NotNull(Expression(depth - 1))} | {Expression(depth - 1)})",
            12 => random.Next(3) switch { 0 => Slice(depth), 1 => MultiSelect(depth), _ => Call(depth) },
            13 => $"({Expression(depth - 1)} {Pick(s_arithmetic)} {Expression(depth - 1)})",
            14 => $"({Expression(depth - 1)} ? {Expression(depth - 1)} : {Expression(depth - 1)})",
            15 => $"(let $v = {Expression(depth - 1)} in {Expression(depth - 1)})",
            16 => $"(let $v = {Expression(depth - 1)} in [$v, {Expression(depth - 1)}, $v.{Tail(depth)}])",
            17 => $"$.{Tail(depth)}",
            18 => MultiSelect(depth),
            _ => Call(depth),
        };
    }

    public string Pick(params ReadOnlySpan<string> choices) => choices[random.Next(choices.Length)];

    private string Leaf() => random.Next(classic ? 9 : 11) switch
    {
        0 => "@",
        1 => $"`{random.Next(-3, 4)}`",
        2 => $"'{Pick(s_texts)}'",
        3 => Pick("`null`", "`true`", "`[]`", "`{}`", "`[1, 2]`", "`[\"a\", \"b\"]`", "`{\"a\": 1}`", "`1.5`"),
        9 => "$",
        _ => Pick(s_names),
    };

    /// <summary>An expression that can be followed by a dot or bracket in every engine.</summary>
    private string Path(int depth) => random.Next(3) == 0 ? $"({Expression(depth - 1)})" : Pick("@", "a", "b", "c", "d", "e");

    /// <summary>Python's engine orders strings as well, against the specification.</summary>
    private string Comparison(string left, string right)
    {
        var comparison = Pick(s_comparisons);
        return classic && comparison is not ("==" or "!=") ? $"(to_number({left}) {comparison} to_number({right}))" : $"({left} {comparison} {right})";
    }

    /// <summary>A multi-select over null is null in the first edition, but a list or object of nulls in JMESPath Community.</summary>
    private string NotNull(string expression) => classic ? $"not_null({expression}, `0`)" : expression;

    private string Tail(int depth) => random.Next(6) switch
    {
        0 => "*",
        1 => MultiSelect(depth),
        _ => Pick(s_names),
    };

    private string Body(int depth) => random.Next(5) switch
    {
        0 => "",
        1 => $"[{random.Next(-2, 3)}]",
        _ => "." + Pick(s_names) + (random.Next(3) == 0 ? Body(depth - 1) : ""),
    };

    private string Slice(int depth)
    {
        var step = random.Next(4) == 0 ? ":" + (random.Next(2) == 0 ? "-1" : "2") : "";
        var sliced = classic ? $"to_array({Path(depth)})" : Path(depth); // strings can be sliced only in JMESPath Community
        return $"{sliced}[{Bound()}:{Bound()}{step}]{(classic ? "" : Body(depth))}";
    }

    private string Bound() => random.Next(3) == 0 ? "" : random.Next(-4, 5).ToString(CultureInfo.InvariantCulture);

    private string MultiSelect(int depth) => random.Next(2) == 0
        ? $"[{Expression(depth - 1)}, {Expression(depth - 1)}]"
        : $"{{x: {Expression(depth - 1)}, a: {Expression(depth - 1)}}}";

    private string Call(int depth)
    {
        string one = Expression(depth - 1), two = Expression(depth - 1);
        return random.Next(classic ? 20 : 32) switch
        {
            0 => $"length({one})",
            1 => $"keys({one}) | sort(@)",
            2 => $"type({one})",
            3 => $"not_null({one}, {two})",
            4 => $"to_array({one})",
            5 => $"sort({one})",
            6 => $"reverse({one})",
            7 => $"map(&{one}, {two})",
            8 => $"sort_by({one}, &{two})",
            9 => $"max_by({one}, &{two})",
            10 => $"min_by({one}, &{two})",
            11 => $"merge({one}, {two})",
            12 => $"contains(to_array({one}), {two})",
            13 => $"starts_with({one}, {two})",
            14 => $"ends_with({one}, '{Pick(s_texts)}')",
            15 => $"join('{Pick(s_texts)}', {one})",
            16 => $"max({one})",
            17 => $"sum({one})",
            18 => $"abs({one})",
            19 => $"floor({one})",
            20 => $"items({one})",
            21 => $"from_items({one})",
            22 => $"group_by({one}, &{two})",
            23 => $"zip({one}, {two})",
            24 => $"to_string({one})",
            25 => $"to_number({one})",
            26 => $"split({one}, '{Pick(s_texts)}')",
            27 => $"replace({one}, '{Pick("a", "ab", "1")}', '{Pick(s_texts)}')",
            28 => $"find_first({one}, {two})",
            29 => $"pad_left({one}, `{random.Next(0, 9)}`)",
            30 => $"trim({one}, '{Pick(s_texts)}')",
            _ => $"values({one})",
        };
    }
}
