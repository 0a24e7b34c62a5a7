using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Tests.JmesPath;

public sealed class TypeCheckerTests
{
    private static readonly JmesType s_bucket = Bucket();

    [Theory]
    [InlineData("Name == 'x'")]
    [InlineData("Versioning.Status == 'Enabled'")]
    [InlineData("Grants[?Grantee.Type == 'Group' && Permission != 'READ'].Grantee.URI")]
    [InlineData("Tags.Anything == 'x'")]
    [InlineData("Policy.Whatever.It[0].Is > `3`")]
    [InlineData("Size > `3` && Size + `1` < max([Size])")]
    [InlineData("length(Grants) > `0`")]
    [InlineData("length(Grants[?Permission == 'READ']) == `0`")]
    [InlineData("sort_by(Grants, &Permission)[0].Grantee.Type == 'User'")]
    [InlineData("Parent.Parent.Parent.Name == 'root'")]
    [InlineData("Name == `null` || CreationDate == OtherDate")]
    [InlineData("(Grants || `[]`)[].Permission")]
    [InlineData("let $g = Grants[0] in $g.Permission == 'READ'")]
    [InlineData("{name: Name, n: length(Grants)} | n > `1` && name == 'x'")]
    [InlineData("[Name, 'x'] | contains(@, 'y')")]
    [InlineData("contains(['READ', 'WRITE'], Grants[0].Permission)")]
    [InlineData("map(&Grantee, Grants)[].URI")]
    [InlineData("merge(Versioning, {Extra: Size}).Extra > `1`")]
    [InlineData("group_by(Grants, &Permission).READ[].Grantee.URI")]
    [InlineData("Name[:3] == 'abc'")]
    [InlineData("(Matrix[] | [0].X) > `1`")]
    [InlineData("Matrix[0][?X > `1`]")]
    [InlineData("items(Tags)[?[0] == 'Owner'][1]")]
    [InlineData("values(Versioning)[?@ == 'Enabled']")]
    [InlineData("*.Status")]
    [InlineData("Name ? Size : `0`")]
    [InlineData("not_null(Name, 'none') == 'none'")]
    [InlineData("to_number(Name) == `1`")]
    [InlineData("$.Grants[?$.Name == 'x'].Permission")]
    [InlineData("$limit > Size")]
    public void A_valid_expression_has_no_issues(string expression) => Check(expression).Issues.ShouldBeEmpty();

    [Theory]
    [InlineData("Nam", TypeIssueKind.UnknownMember, 0, "Bucket has no member Nam. Is Name meant?")]
    [InlineData("name", TypeIssueKind.UnknownMember, 0, "Is Name meant?")]
    [InlineData("Versioning.MfaDelete", TypeIssueKind.UnknownMember, 11, "object has no member MfaDelete.")]
    [InlineData("Grants[?Grantee.Uri == 'x']", TypeIssueKind.UnknownMember, 16, "Is URI meant?")]
    [InlineData("Grants[].Grantee.Uri", TypeIssueKind.UnknownMember, 17, "Is URI meant?")]
    [InlineData("sort_by(Grants, &Permision)", TypeIssueKind.UnknownMember, 17, "Is Permission meant?")]
    [InlineData("map(&Grante.URI, Grants)", TypeIssueKind.UnknownMember, 5, "Is Grantee meant?")]
    [InlineData("let $g = Grants[0] in $g.Perm", TypeIssueKind.UnknownMember, 25, "no member Perm")]
    [InlineData("{a: Name}.b", TypeIssueKind.UnknownMember, 10, "no member b")]
    [InlineData("Grants.Permission", TypeIssueKind.NotAnObject, 7, "write [].Permission")]
    [InlineData("Name.First", TypeIssueKind.NotAnObject, 5, "a string, which has no members")]
    [InlineData("Size.*", TypeIssueKind.NotAnObject, 5, "* needs an object, this is a number.")]
    [InlineData("Versioning[0]", TypeIssueKind.NotAList, 10, "An index needs a list, this is an object.")]
    [InlineData("Versioning[*].Status", TypeIssueKind.NotAList, 10, "A projection needs a list")]
    [InlineData("Name[?@ == 'x']", TypeIssueKind.NotAList, 4, "A filter needs a list")]
    [InlineData("Tags[].Value", TypeIssueKind.NotAList, 4, "[] needs a list, this is a map.")]
    [InlineData("Size[1:]", TypeIssueKind.NotAList, 4, "needs a list")]
    [InlineData("Name > 'x'", TypeIssueKind.OrderingOfNonNumbers, 0, "Turn text into a number first.")]
    [InlineData("CreationDate < `1`", TypeIssueKind.OrderingOfNonNumbers, 0, "Turn points in time into numbers first.")]
    [InlineData("`1` < Grants", TypeIssueKind.OrderingOfNonNumbers, 6, "Only numbers have an order, this is a list.")]
    [InlineData("Size == '3'", TypeIssueKind.NeverEqual, 5, "A number never equals the string '3'.")]
    [InlineData("Grants == 'x'", TypeIssueKind.NeverEqual, 7, "A list never equals the string 'x'.")]
    [InlineData("Public == 'true'", TypeIssueKind.NeverEqual, 7, "A boolean never equals")]
    [InlineData("Versioning.Status == 'enabled'", TypeIssueKind.NeverEqual, 18, "Is 'Enabled' meant?")]
    [InlineData("Versioning.Status != 'Off'", TypeIssueKind.NeverEqual, 18, "'Off' is never one of 'Enabled', 'Suspended'.")]
    [InlineData("CreationDate == '2020-01-01'", TypeIssueKind.NeverEqual, 13, "compare ages")]
    [InlineData("contains(Grants[].Permission, `1`)", TypeIssueKind.NeverEqual, 0, "contains()")]
    [InlineData("contains(['READ', 'WRITE'], Versioning.Status)", TypeIssueKind.NeverEqual, 0, "contains()")]
    [InlineData("Name + `1`", TypeIssueKind.ArithmeticOnNonNumbers, 0, "Arithmetic needs numbers, this is a string.")]
    [InlineData("-Grants", TypeIssueKind.ArithmeticOnNonNumbers, 1, "this is a list")]
    [InlineData("length(Size)", TypeIssueKind.WrongArgument, 7, "must be a string or an array or an object, this is a number")]
    [InlineData("starts_with(Grants, 'x')", TypeIssueKind.WrongArgument, 12, "$subject must be a string, this is a list")]
    [InlineData("sum(Grants[].Permission)", TypeIssueKind.WrongArgument, 10, "must be an array of numbers, this is a list of strings")]
    [InlineData("sort_by(Grants, Permission)", TypeIssueKind.UnknownMember, 16, "Permission")]
    [InlineData("sort_by(Grants, &Grantee)", TypeIssueKind.WrongArgument, 17, "must give a number or a string, this gives an object")]
    [InlineData("length(&Name)", TypeIssueKind.WrongArgument, 7, "$subject must be")]
    [InlineData("$limt", TypeIssueKind.UndefinedVariable, 0, "Is $limit meant?")]
    [InlineData("max([Size]) + `1`", TypeIssueKind.PossibleNull, 0, "may be null")]
    [InlineData("length(Owner)", TypeIssueKind.PossibleNull, 7, "may be null")]
    public void Errors_for_every_document_are_reported_with_their_position(string expression, TypeIssueKind kind, int position, string message)
    {
        var issue = Check(expression).Issues[0];

        (issue.Kind, issue.Position).ShouldBe((kind, position), issue.Message);
        issue.Message.ShouldContain(message);
    }

    [Fact]
    public void All_issues_are_reported_together()
    {
        var issues = Check("Nam == 'x' || Size == 'y' || Versioning.Stat").Issues;

        issues.Select(i => i.Kind).ShouldBe([TypeIssueKind.UnknownMember, TypeIssueKind.NeverEqual, TypeIssueKind.UnknownMember]);
    }

    [Fact]
    public void An_issue_shows_the_position_with_a_caret()
    {
        Check("Grants[?Permision == 'READ']").Issues[0].ToString().ShouldBe(
            "Grant has no member Permision. Is Permission meant?\nGrants[?Permision == 'READ']\n        ^");
    }

    [Theory]
    [InlineData("Name", "string")]
    [InlineData("Size", "number")]
    [InlineData("length(Grants)", "number")]
    [InlineData("Size > `1`", "boolean")]
    [InlineData("Grants && Size > `1`", "boolean")]
    [InlineData("Grants[?Permission]", "list")]
    [InlineData("Grants[0].Permission", "one of 'READ', 'WRITE'")]
    [InlineData("Tags", "map")]
    [InlineData("Policy.x", "any value")]
    [InlineData("Owner", "string or null")]
    [InlineData("'a' || 'b'", "one of 'a', 'b'")]
    [InlineData("Name || Size", "any value")]
    public void The_type_of_the_result_is_known(string expression, string type) => Check(expression).Type.ToString().ShouldBe(type);

    [Fact]
    public void A_custom_function_declares_its_types()
    {
        var age = new JmesFunction(
            "age_days",
            [new("time", JmesTypes.String)],
            static (in _) => JmesValue.FromNumber(1))
        {
            Result = static _ => JmesType.Number,
        };
        var options = new JmesPathOptions { Functions = FunctionLibrary.Standard.With(age) };

        TypeChecker.Check(JmesPathExpression.Parse("age_days(CreationDate) > `90`", options), s_bucket).Issues.ShouldBeEmpty();
        TypeChecker.Check(JmesPathExpression.Parse("age_days(CreationDate) == 'old'", options), s_bucket).Issues
            .ShouldHaveSingleItem().Kind.ShouldBe(TypeIssueKind.NeverEqual);
    }

    [Fact]
    public void A_variable_that_a_function_reads_must_be_bound()
    {
        var age = new JmesFunction("age", [], static (in call) => call.Variable("now")) { ReadsVariables = ["now"] };
        var expression = JmesPathExpression.Parse("age()", new() { Functions = FunctionLibrary.Standard.With(age) });

        TypeChecker.Check(expression, s_bucket, new Dictionary<string, JmesType>()).Issues
            .ShouldHaveSingleItem().Message.ShouldBe("age() reads $now, which is not bound here.");
        TypeChecker.Check(expression, s_bucket, new Dictionary<string, JmesType> { ["now"] = JmesType.Number }).Issues.ShouldBeEmpty();
    }

    [Fact]
    public void Without_variable_types_every_variable_is_allowed() =>
        TypeChecker.Check(JmesPathExpression.Parse("$whatever.x"), s_bucket).Issues.ShouldBeEmpty();

    /// <summary>The inferred types must match the results of evaluations.</summary>
    [Fact]
    public void An_expression_without_issues_never_fails_with_a_type_error()
    {
        var sound = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var generator = new RandomExpressions(new Random(seed));
            var document = System.Text.Json.JsonSerializer.SerializeToElement(generator.Object());
            var expression = JmesPathExpression.Parse(generator.Expression());
            var checkedTypes = TypeChecker.Check(expression, LiteralShape(document));
            if (checkedTypes.Issues.Count > 0)
            {
                continue;
            }

            sound++;
            try
            {
                var result = expression.Evaluate(document);
                IsOf(checkedTypes.Type, result).ShouldBeTrue($"{expression} over {document} gives {result}, not {checkedTypes.Type}");
            }
            catch (JmesPathException)
            {
                // Null where the shape has another type: absent members, empty lists. Only the type of results is checked here.
            }
        }

        sound.ShouldBeGreaterThan(2_000);
    }

    private static bool IsOf(JmesType type, JmesValue value) => value.IsFalsy || type.ToString() switch
    {
        "number" => value.Kind is JmesKind.Number,
        "boolean" => value.Kind is JmesKind.Boolean,
        "string" => value.Kind is JmesKind.String,
        "list" => value.Kind is JmesKind.Array,
        "map" or "object" => value.Kind is JmesKind.Object,
        var text => text is null || !text.StartsWith("one of", StringComparison.Ordinal) || value.Kind is JmesKind.String,
    };

    private static JmesType LiteralShape(System.Text.Json.JsonElement document) =>
        TypeChecker.Check(JmesPathExpression.Parse($"`{document.GetRawText().Replace("`", "\\`", StringComparison.Ordinal)}`"), JmesType.Any).Type;

    private static TypeCheckResult Check(string expression) => TypeChecker.Check(
        JmesPathExpression.Parse(expression), s_bucket, new Dictionary<string, JmesType> { ["limit"] = JmesType.Number });

    private static JmesType Bucket()
    {
        var grantee = JmesType.Object(new Dictionary<string, JmesType> { ["URI"] = JmesType.String, ["Type"] = JmesType.Enum("Group", "User") });
        var grant = JmesType.Object(
            new Dictionary<string, JmesType> { ["Permission"] = JmesType.Enum("READ", "WRITE"), ["Grantee"] = grantee }, name: "Grant");
        var members = new Dictionary<string, JmesType>
        {
            ["Name"] = JmesType.String,
            ["Owner"] = JmesType.Nullable(JmesType.String),
            ["Size"] = JmesType.Number,
            ["Public"] = JmesType.Boolean,
            ["CreationDate"] = JmesType.Timestamp,
            ["OtherDate"] = JmesType.Timestamp,
            ["Versioning"] = JmesType.Object(new Dictionary<string, JmesType> { ["Status"] = JmesType.Enum("Enabled", "Suspended") }),
            ["Grants"] = JmesType.List(grant),
            ["Tags"] = JmesType.Map(JmesType.String),
            ["Policy"] = JmesType.Any,
            ["Matrix"] = JmesType.List(JmesType.List(JmesType.Object(new Dictionary<string, JmesType> { ["X"] = JmesType.Number }))),
        };
        var bucket = JmesType.Object(members, name: "Bucket");
        members["Parent"] = bucket; // a shape may contain itself
        return bucket;
    }
}
