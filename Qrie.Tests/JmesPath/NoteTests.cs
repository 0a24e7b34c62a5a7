using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

/// <summary>Which expressions other engines parse differently; the results are in docs/policy-language.md.</summary>
public sealed class NoteTests
{
    [Theory]
    [InlineData("!a.b", 0)]
    [InlineData("x && !a[].b", 5)]
    [InlineData("x[?!@.a == b]", 3)]
    [InlineData("!a[?b]", 0)]
    [InlineData("!(a).b", 0)]
    [InlineData("!!a.b", 1)]
    [InlineData("-a.b", 0)]
    [InlineData("!f.length(@)", 0)]
    [InlineData("a[?x].b[?y]", 7)]
    [InlineData("a[?x][0][?y]", 8)]
    [InlineData("a[?x][?y].b[?z]", 11)]
    public void A_part_without_a_decided_precedence_is_noted(string expression, int position) =>
        JmesPathExpression.Parse(expression).Notes.ShouldHaveSingleItem().Position.ShouldBe(position);

    [Theory]
    [InlineData("!a")]
    [InlineData("!(a.b)")]
    [InlineData("!a[0]")]
    [InlineData("!a[*]")]
    [InlineData("!length(a.b)")]
    [InlineData("!a || b.c")]
    [InlineData("(!a).b")]
    [InlineData("-(a.b)")]
    [InlineData("a.b - c.d")]
    [InlineData("a[?x][?y]")]
    [InlineData("a[*].b[?y]")]
    [InlineData("a[?x].b | [?y]")]
    [InlineData("a[?x].b[].c[?y]")]
    [InlineData("a[?b.c[?d]]")]
    public void An_expression_that_all_engines_parse_alike_is_not(string expression) => JmesPathExpression.Parse(expression).Notes.ShouldBeEmpty();
}
