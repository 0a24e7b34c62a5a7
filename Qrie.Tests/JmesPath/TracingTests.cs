using System.Text.Json;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Tests.JmesPath;

public sealed class TracingTests
{
    private const string Bucket = """
        {
          "Name": "b", "Versioning": { "Status": "Enabled" }, "Policy": null, "Size": 3,
          "Grants": [ { "Permission": "READ", "Grantee": { "URI": "all", "Type": "Group" } }, { "Permission": "WRITE", "Grantee": { "Type": "User" } } ],
          "Nested": [ [ { "X": 1 } ], [ { "X": 2 } ] ], "Empty": []
        }
        """;

    private static readonly JsonElement s_bucket = JsonDocument.Parse(Bucket).RootElement;

    [Theory]
    [InlineData("Name", "Name")]
    [InlineData("Versioning.Status == 'Enabled'", "Versioning.Status")]
    [InlineData("[Versioning, Versioning.Status]", "Versioning Versioning.Status")]
    [InlineData("Missing.Deeper", "Missing")]
    [InlineData("Name.Deeper", "Name")]
    [InlineData("Grants[?Grantee.URI == 'all'].Permission", "Grants[].Grantee.URI Grants[].Permission")]
    [InlineData("Grants[0].Permission", "Grants[].Permission")]
    [InlineData("Grants[7].Permission", "Grants")]
    [InlineData("Grants[-1:].Grantee.Type", "Grants[].Grantee.Type")]
    [InlineData("Nested[].X", "Nested[].X")]
    [InlineData("Nested[*][0].X", "Nested[].X")]
    [InlineData("Empty[*].X", "Empty")]
    [InlineData("Versioning.*", "Versioning")]
    [InlineData("length(Grants)", "Grants")]
    [InlineData("keys(Versioning)", "Versioning")]
    [InlineData("sort_by(Grants, &Permission)[0].Grantee", "Grants Grants[].Permission Grants[].Grantee")]
    [InlineData("map(&Grantee.URI, Grants)", "Grants Grants[].Grantee.URI")]
    [InlineData("Grants && Name", "Grants Name")]
    [InlineData("let $g = Grants in $g[*].Permission", "Grants[].Permission")]
    [InlineData("let $x = @ in $x.Name", "Name")]
    [InlineData("@.Name", "Name")]
    [InlineData("$.Name", "Name")]
    [InlineData("[@][0].Name", "Name")]
    [InlineData("[@][*].Name", "Name")]
    [InlineData("{a: @}.a.Name", "Name")]
    [InlineData("@ | @ | Name", "Name")]
    [InlineData("(@ | {a: [@, $]}).a[1].Name", "Name")]
    [InlineData("Versioning | Status", "Versioning.Status")]
    [InlineData("Grants[*] | [0].Permission", "Grants[].Permission")]
    [InlineData("Grants[?$.Name == 'b'].Permission", "Grants[].Permission Name")]
    [InlineData("Name == 'b' ? Size : Policy", "Name Size")]
    [InlineData("Size > `1`", "Size")]
    [InlineData("-Size", "Size")]
    [InlineData("`1`", "")]
    public void The_paths_that_are_read_are_recorded(string expression, string paths)
    {
        var trace = Trace(expression);

        trace.Paths.Order(StringComparer.Ordinal).ShouldBe(paths.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        trace.ReadsWhole.ShouldBeFalse();
        trace.Members.Order(StringComparer.Ordinal)
            .ShouldBe(paths.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('.', '[')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("@")]
    [InlineData("$")]
    [InlineData("*")]
    [InlineData("*.Status")]
    [InlineData("keys(@)")]
    [InlineData("values(@)")]
    [InlineData("items(@)")]
    [InlineData("to_string(@)")]
    [InlineData("type(@)")]
    [InlineData("length($)")]
    [InlineData("merge(@, `{}`).Name")]
    [InlineData("merge(`{}`, $)")]
    [InlineData("[@]")]
    [InlineData("{a: {b: @}}")]
    [InlineData("@ == `1`")]
    [InlineData("`1` != $")]
    [InlineData("[@] == [$]")]
    [InlineData("@ && `1`")]
    [InlineData("!@")]
    [InlineData("@ || `1`")]
    [InlineData("@ ? `1` : `2`")]
    [InlineData("[`1`][?$]")]
    [InlineData("[*]")]
    [InlineData("[0]")]
    [InlineData("let $x = @ in keys($x)")]
    [InlineData("map(&$, `[1]`)")]
    [InlineData("contains([@], `1`)")]
    [InlineData("not_null(`null`, @)")]
    [InlineData("group_by([@], &Name)")]
    public void Reading_the_root_itself_reads_the_whole(string expression) => Trace(expression).ReadsWhole.ShouldBeTrue();

    [Fact]
    public void An_index_past_the_end_of_a_root_list_reads_its_length()
    {
        var trace = new EvaluationTrace();

        JmesPathExpression.Parse("[2].Name").Evaluate(JsonDocument.Parse("[{}]").RootElement, new() { Trace = trace });

        trace.ReadsWhole.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Name == 'x' && Policy", "Name")]
    [InlineData("Name || Policy", "Name")]
    [InlineData("Grants[?Permission == 'READ' || Grantee.URI].Size", "Grants[].Permission Grants[].Grantee.URI Grants[].Size")]
    [InlineData("Empty[?Name]", "Empty")]
    public void What_is_not_evaluated_is_not_read(string expression, string paths) =>
        Trace(expression).Paths.Order(StringComparer.Ordinal).ShouldBe(paths.Split(' ').Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Policy", "Policy", "Policy")]
    [InlineData("Name", "Policy", "")]
    [InlineData("Name && !Policy && Tags", "Tags,Policy", "Policy?Tags")]
    [InlineData("Name && Policy && Tags", "Tags,Policy", "Policy")]
    [InlineData("@", "Tags,Policy", "Tags?Policy")]
    [InlineData("keys(@)", "Tags", "Tags")]
    [InlineData("* | [0]", "Tags", "Tags")]
    [InlineData("let $x = @ in $x.Policy.Statement", "Policy", "Policy")]
    [InlineData("[@][0].Policy", "Policy", "Policy")]
    [InlineData("[$][?Policy]", "Policy", "Policy")]
    [InlineData("{a: @}.a.Policy", "Policy", "Policy")]
    [InlineData("map(&$.Policy, Grants)", "Policy", "Policy")]
    [InlineData("merge(@, `{}`).Name", "Policy", "Policy")]
    [InlineData("Grants", "Grants", "Grants")]
    [InlineData("Grants[0].Permission", "Grants", "Grants")]
    [InlineData("Grants[0].Permission", "Grants.Permission", "Grants.Permission")]
    [InlineData("Grants[0].Permission", "Grants[].Permission", "Grants[].Permission")]
    [InlineData("Grants[0].Permission", "Grants.Grantee", "")]
    [InlineData("Grants[0]", "Grants.Grantee", "Grants.Grantee")]
    [InlineData("length(Grants)", "Grants.Grantee", "Grants.Grantee")]
    [InlineData("Versioning.Status", "Versioning.MfaDelete", "")]
    [InlineData("Versioning.MfaDelete", "Versioning.MfaDelete", "Versioning.MfaDelete")]
    [InlineData("Versioning", "Versioning.MfaDelete", "Versioning.MfaDelete")]
    [InlineData("Versioning == `{}`", "Versioning.MfaDelete", "Versioning.MfaDelete")]
    [InlineData("Versioning.*", "Versioning.MfaDelete", "Versioning.MfaDelete")]
    [InlineData("Missing.Deeper.Down", "Missing.Deeper.Down", "Missing.Deeper.Down")]
    [InlineData("Name.Deeper", "Name.Deeper", "Name.Deeper")]
    [InlineData("Missing", "*", "*")]
    [InlineData("Name", "*", "")]
    [InlineData("Policy", "*", "")]
    [InlineData("@", "*", "*")]
    [InlineData("Versioning.Missing", "*", "")]
    [InlineData("Versioning.Missing", "Versioning.*", "Versioning.*")]
    [InlineData("Missing && Name", "*,Name", "*")]
    public void Touched_unknown_values_are_reported_in_order(string expression, string unknown, string touched)
    {
        var trace = Trace(expression, unknown.Split(','));

        trace.UnknownTouched.ShouldBe(touched.Split('?', StringSplitOptions.RemoveEmptyEntries));
        trace.TouchedUnknown.ShouldBe(touched.Length > 0);
    }

    [Fact]
    public void A_member_with_a_dot_in_its_name_can_be_declared_unknown()
    {
        var trace = Trace("\"Name.Of\"", ["Name.Of"]);

        trace.UnknownTouched.ShouldBe(["Name.Of"]);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("[]")]
    [InlineData("@")]
    [InlineData("")]
    [InlineData("$x")]
    public void The_name_of_a_member_may_look_like_a_part_of_a_path(string name)
    {
        var document = JsonSerializer.SerializeToElement(new Dictionary<string, object> { [name] = new { a = 1 }, ["list"] = new[] { 1 } });
        var trace = new EvaluationTrace();

        JmesPathExpression.Parse($"list[0] && \"{name}\".a").Evaluate(document, new() { Trace = trace });

        trace.Members.ShouldBe(["list", name], ignoreOrder: true);
        trace.ReadsWhole.ShouldBeFalse();
    }

    [Fact]
    public void Many_members_are_all_recorded()
    {
        var names = Enumerable.Range(0, 40).Select(i => $"n{i}").ToList();
        var trace = new EvaluationTrace(["n39"]);

        Evaluate($"[{string.Join(", ", names)}]", trace);

        trace.Members.ShouldBe(names, ignoreOrder: true);
        trace.UnknownTouched.ShouldBe(["n39"]);
    }

    [Fact]
    public void Variables_are_recorded_with_their_paths()
    {
        var trace = new EvaluationTrace();

        Evaluate("$tags.Owner == Name && $limit > `1`", trace, Tags(), ("limit", JmesValue.FromNumber(0)));

        trace.Variables.Order(StringComparer.Ordinal).ShouldBe(["tags"]);
        trace.VariablePaths.ShouldBe(["$tags.Owner"]);
        trace.Members.ShouldBe(["Name"]);
    }

    [Fact]
    public void A_local_variable_is_not_a_variable_of_the_caller()
    {
        var trace = new EvaluationTrace(["$tags"]);

        Evaluate("let $tags = Name in $tags", trace, Tags());

        trace.Variables.ShouldBeEmpty();
        trace.TouchedUnknown.ShouldBeFalse();
    }

    [Theory]
    [InlineData("$tags", "$tags")]
    [InlineData("$tags.Owner", "$tags")]
    [InlineData("$tags.Other", "$tags.Owner", false)]
    [InlineData("$tags.Owner", "$tags.Owner")]
    [InlineData("$tags", "$tags.Owner")]
    [InlineData("$buckets[?Policy.IsPublic]", "$buckets.Policy")]
    [InlineData("$buckets[0].Name", "$buckets.Policy", false)]
    public void Variables_can_be_unknown(string expression, string unknown, bool touched = true)
    {
        var trace = new EvaluationTrace([unknown]);
        var buckets = JmesValue.FromArray(JmesValue.FromObject(KeyValuePair.Create("Name", JmesValue.FromString("b"))));

        Evaluate(expression, trace, Tags(), ("buckets", buckets));

        trace.UnknownTouched.ShouldBe(touched ? [unknown] : []);
    }

    [Fact]
    public void An_unknown_variable_need_not_be_bound()
    {
        var trace = new EvaluationTrace(["$tags"]);

        Evaluate("$tags.Owner", trace).IsNull.ShouldBeTrue();

        trace.UnknownTouched.ShouldBe(["$tags"]);
    }

    [Fact]
    public void A_custom_function_that_reads_a_variable_touches_it()
    {
        var age = new JmesFunction("age", [], static (in call) => call.Variable("now")) { ReadsVariables = ["now"], ReadsClock = true };
        var options = new JmesPathOptions { Functions = FunctionLibrary.Standard.With(age) };
        var trace = new EvaluationTrace(["$now"]);
        var expression = JmesPathExpression.Parse("age()", options);

        expression.Evaluate(s_bucket, new() { Trace = trace, Variables = new Dictionary<string, JmesValue> { ["now"] = JmesValue.FromNumber(1) } });

        trace.UnknownTouched.ShouldBe(["$now"]);
        expression.Variables.ShouldBe(["now"]);
        expression.ReadsClock.ShouldBeTrue();
    }

    [Fact]
    public void Arguments_of_a_custom_function_count_as_read()
    {
        var ignore = new JmesFunction("ignore", [new("a", JmesTypes.Any)], static (in _) => JmesValue.Null);
        var trace = new EvaluationTrace(["Policy"]);

        JmesPathExpression.Parse("ignore([@])", new() { Functions = FunctionLibrary.Standard.With(ignore) }).Evaluate(s_bucket, new() { Trace = trace });

        trace.ReadsWhole.ShouldBeTrue();
        trace.TouchedUnknown.ShouldBeTrue();
    }

    [Fact]
    public void A_result_does_not_carry_its_origin_into_the_next_evaluation()
    {
        var first = new EvaluationTrace(["Policy"]);
        var self = Evaluate("{a: [Grants], b: Grants[0]}", first);
        var second = new EvaluationTrace();

        JmesPathExpression.Parse("[$self.a[0][0].Permission, b.Grantee.Type, @]").Evaluate(
            self, new() { Trace = second, Variables = new Dictionary<string, JmesValue> { ["self"] = self } });

        first.Paths.ShouldBe(["Grants"]);
        second.VariablePaths.ShouldBe(["$self.a[].Permission"]);
        second.Members.ShouldBe(["b"]);
        second.ReadsWhole.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Grants", "Grants")]
    [InlineData("[Grants]", "Grants")]
    [InlineData("{a: Grants}", "Grants")]
    public void Enumerating_a_result_is_not_a_read_of_the_evaluation(string expression, string path)
    {
        var trace = new EvaluationTrace();

        Walk(Evaluate(expression, trace));

        trace.Paths.ShouldBe([path]);
    }

    [Fact]
    public void One_trace_collects_several_evaluations()
    {
        var trace = new EvaluationTrace();

        Evaluate("Name", trace);
        Evaluate("Size", trace);

        trace.Paths.ShouldBe(["Name", "Size"]);
    }

    [Theory]
    [InlineData("Name", "Name", false)]
    [InlineData("a.b || c[?d == $.e].f", "a c e", false)]
    [InlineData("true && x ? y : z", "true x y z", false)]
    [InlineData("let $r = @ in [$r.a, b]", "a b", false)]
    [InlineData("{x: @}.x.a | b", "x a b", true)]
    [InlineData("map(&(f + $.g), a)", "a g", false)]
    [InlineData("sort_by(a, &b)[0].c", "a", false)]
    [InlineData("merge(@, {a: b}).c", "b c", true)]
    [InlineData("@", "", true)]
    [InlineData("*", "", true)]
    [InlineData("keys(@)", "", true)]
    [InlineData("$x.y", "", false)]
    [InlineData("a == $", "a", true)]
    [InlineData("!@", "", true)]
    [InlineData("a[?@ == $].b", "a", true)]
    [InlineData("[a, {b: @}] | [1].b.c", "a b c", true)]
    [InlineData("map(&[$, d], (let $v = b in e))", "b e", true)]
    [InlineData("!min_by(b, &$)", "b", true)]
    [InlineData("sort_by(b, &a)", "b", false)]
    public void Possible_reads_of_an_expression_are_known_without_evaluating(string expression, string members, bool whole)
    {
        var reads = JmesPathExpression.Parse(expression).StaticReads();

        reads.Members.ShouldBe(members.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);
        reads.Whole.ShouldBe(whole);
    }

    private static void Walk(JmesValue value)
    {
        foreach (var item in value.EnumerateArray())
        {
            Walk(item);
        }

        foreach (var (name, _) in value.EnumerateObject())
        {
            value.TryGetMember(name, out var member).ShouldBeTrue();
            Walk(member);
        }
    }

    private static EvaluationTrace Trace(string expression, string[]? unknown = null)
    {
        var trace = new EvaluationTrace(unknown);
        Evaluate(expression, trace);
        return trace;
    }

    private static JmesValue Evaluate(string expression, EvaluationTrace trace, params (string Name, JmesValue Value)[] variables) =>
        JmesPathExpression.Parse(expression).Evaluate(
            s_bucket, new EvaluationContext { Trace = trace, Variables = variables.ToDictionary(v => v.Name, v => v.Value) });

    private static (string Name, JmesValue Value) Tags() =>
        ("tags", JmesValue.FromObject(KeyValuePair.Create("Owner", JmesValue.FromString("me"))));
}
