using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Qrie.JmesPath;
using Qrie.Tests.Support;

namespace Qrie.Tests.JmesPath;

/// <summary>The property that makes verdicts safe: every value that can change a result is reported as read.</summary>
public sealed class TracingPropertyTests
{
    private const int Cases = 10_000;

    [Fact]
    public void Changing_a_member_that_was_not_read_never_changes_the_outcome()
    {
        var changed = 0;
        Check(seed =>
        {
            var random = new Random(seed);
            var generator = new RandomExpressions(random);
            var expression = JmesPathExpression.Parse(generator.Expression());
            var document = generator.Object();
            var trace = new EvaluationTrace();
            var before = Outcome(expression, document, trace);

            var name = generator.Pick("a", "b", "c", "d", "e");
            var other = (JsonObject)document.DeepClone();
            if (random.Next(2) == 0)
            {
                other.Remove(name);
            }
            else
            {
                other[name] = generator.Document(2);
            }

            var same = before == Outcome(expression, other, null);
            changed += same ? 0 : 1;
            return same || trace.ReadsWhole || trace.Members.Contains(name);
        });
        changed.ShouldBeGreaterThan(Cases / 20, "the property is vacuous if changes never matter");
    }

    [SeededProperty(MaxTest = Cases, EndSize = int.MaxValue)]
    public bool A_result_that_depends_on_an_unknown_member_has_touched_it(int seed)
    {
        var random = new Random(seed);
        var generator = new RandomExpressions(random);
        var expression = JmesPathExpression.Parse(generator.Expression());
        var document = generator.Object();
        var name = generator.Pick("a", "b", "c", "d", "e");
        document.Remove(name);
        var named = new EvaluationTrace([name]);
        var every = new EvaluationTrace([EvaluationTrace.EveryAbsentMember]);
        var before = Outcome(expression, document, named);
        Outcome(expression, document, every);

        document[name] = generator.Document(2);
        return before == Outcome(expression, document, null) || (named.TouchedUnknown && every.TouchedUnknown);
    }

    [SeededProperty(MaxTest = Cases, EndSize = int.MaxValue)]
    public bool A_change_below_a_member_is_reported_as_a_path_above_or_below_it(int seed)
    {
        var random = new Random(seed);
        var generator = new RandomExpressions(random);
        var expression = JmesPathExpression.Parse(generator.Expression());
        var document = generator.Object();
        var inner = generator.Object(2);
        document["a"] = inner;
        var (name, path) = (generator.Pick("b", "c"), "");
        path = $"a.{name}";
        var trace = new EvaluationTrace([path]);
        var before = Outcome(expression, document, trace);

        inner[name] = generator.Document(1);
        return before == Outcome(expression, document, null) || trace.TouchedUnknown;
    }

    [SeededProperty(MaxTest = Cases, EndSize = int.MaxValue)]
    public bool What_is_read_could_be_foreseen(int seed)
    {
        var generator = new RandomExpressions(new Random(seed));
        var expression = JmesPathExpression.Parse(generator.Expression());
        var trace = new EvaluationTrace();
        Outcome(expression, generator.Object(), trace);
        var reads = expression.StaticReads();
        return (reads.Whole || !trace.ReadsWhole) && (reads.Whole || trace.Members.IsSubsetOf(reads.Members));
    }

    [SeededProperty(MaxTest = Cases, EndSize = int.MaxValue)]
    public bool Tracing_changes_no_outcome(int seed)
    {
        var generator = new RandomExpressions(new Random(seed));
        var expression = JmesPathExpression.Parse(generator.Expression());
        var document = generator.Object();
        return Outcome(expression, document, null) == Outcome(expression, document, new EvaluationTrace(["a", "b.c", "*"]));
    }

    private static void Check(Func<int, bool> property) =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), property).Check(Seeds.Config.WithMaxTest(Cases).WithEndSize(int.MaxValue));

    private static string Outcome(JmesPathExpression expression, JsonObject document, EvaluationTrace? trace)
    {
        try
        {
            return expression.Evaluate(JsonSerializer.SerializeToElement(document), new() { Trace = trace }).ToString();
        }
        catch (JmesPathException e)
        {
            return e.Code;
        }
    }
}
