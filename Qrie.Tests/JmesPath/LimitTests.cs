using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

public sealed class LimitTests
{
    private static readonly JsonElement s_empty = JsonDocument.Parse("{}").RootElement;

    /// <summary>Patterns that create endless nesting or chains when repeated.</summary>
    public static TheoryData<string, string, string> Repeated => new()
    {
        { "(", "a", ")" },
        { "[", "a", "]" },
        { "{a: ", "a", "}" },
        { "!", "a", "" },
        { "-", "a", "" },
        { "", "a", ".a" },
        { "", "a", "[0]" },
        { "", "a", "[*]" },
        { "", "a", "[]" },
        { "", "a", "[?a]" },
        { "a[?", "a", "]" },
        { "", "a", ".*" },
        { "", "a", "[:]" },
        { "", "a", " | a" },
        { "", "a", " || a" },
        { "", "a", " && a" },
        { "", "a", " == a" },
        { "", "a", " + a" },
        { "", "a", " ? a : a" },
        { "a ? ", "a", " : a" },
        { "", "a", ".[a]" },
        { "", "a", ".{b: a}" },
        { "let $a = a in ", "$a", "" },
        { "let $a = ", "a", " in $a" },
        { "to_array(", "a", ")" },
        { "map(&", "a", ", a)" },
        { "not_null(a, ", "a", ")" },
        { "`[", "1", "]`" },
        { "", "`[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]`", "" },
    };

    [Theory]
    [MemberData(nameof(Repeated))]
    public void Endless_nesting_is_refused_and_never_overflows_the_stack(string before, string middle, string after)
    {
        foreach (var times in new[] { 10, 100, 390, 1_000, 5_000, 30_000 })
        {
            var text = new StringBuilder().Insert(0, before, times).Append(middle).Insert(before.Length * times + middle.Length, after, times).ToString();
            OnSmallStack(() =>
            {
                try
                {
                    JmesPathExpression.Parse(text).Evaluate(s_empty);
                }
                catch (JmesPathException e)
                {
                    e.Kind.ShouldBeOneOf(JmesErrorKind.LimitExceeded, JmesErrorKind.Syntax, JmesErrorKind.InvalidType);
                }
            });
        }
    }

    [Fact]
    public void Nesting_within_the_limit_evaluates()
    {
        const int Levels = 180;
        var text = new StringBuilder().Insert(0, "to_array(", Levels).Append('@').Append(')', Levels).ToString();

        JmesPathExpression.Parse(text).Evaluate(s_empty).ToString().ShouldBe("[{}]");
    }

    [Fact]
    public void An_expression_that_is_too_long_is_refused()
    {
        var error = Should.Throw<JmesPathException>(() => JmesPathExpression.Parse(new string('a', 11), new() { MaxExpressionLength = 10 }));

        error.Code.ShouldBe("limit-exceeded");
        error.Reason.ShouldContain("10");
    }

    [Theory]
    [InlineData("map(&map(&map(&map(&map(&@, $), $), $), $), $)")]
    [InlineData("[*].[$[*].[$[*].[$[*].[$[*].[$[*]]]]]]")]
    [InlineData("[?$[?$[?$[?$[?$[?@ > `1000`]]]]]]")]
    [InlineData("sort_by($, &length(sort_by($, &length(sort_by($, &length(sort_by($, &to_number(to_string(@)))))))))")]
    [InlineData("[?contains($[?contains($[?contains($, `-1`)], `-1`)], `-1`)]")]
    [InlineData("map(&($ == [$, $]), map(&($ == reverse(reverse($))), map(&map(&map(&@, $), $), $)))")]
    public void Endless_work_is_stopped(string expression)
    {
        var numbers = JsonSerializer.SerializeToElement(Enumerable.Range(0, 1_000));
        var options = new JmesPathOptions { MaxSteps = 2_000_000 };
        var watch = Stopwatch.StartNew();

        var error = Should.Throw<JmesPathException>(() => JmesPathExpression.Parse(expression, options).Evaluate(numbers));

        error.Kind.ShouldBe(JmesErrorKind.LimitExceeded);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("[@,@]", 40)]
    [InlineData("{a: @, b: @}", 40)]
    [InlineData("to_string([@, @])", 40)]
    [InlineData("join('', [to_string(@), to_string(@)])", 40)]
    [InlineData("replace(to_string(@), '0', '0000000000000000')", 12)]
    [InlineData("pad_left('a', `2000000000`)", 1)]
    [InlineData("pad_right('a', `2000000000`, '-')", 1)]
    [InlineData("map(&$, @) | [@, @] | [@, @] | [@, @] | [@, @] | [@, @] | [@, @] | [@, @] | [@, @] | [@, @] | [@, @]", 1)]
    public void An_endless_value_is_not_built(string step, int times)
    {
        var numbers = JsonSerializer.SerializeToElement(Enumerable.Range(0, 1_000));
        var allocated = GC.GetAllocatedBytesForCurrentThread();

        var error = Should.Throw<JmesPathException>(() =>
            JmesPathExpression.Parse(string.Join(" | ", Enumerable.Repeat(step, times))).Evaluate(numbers));

        error.Kind.ShouldBe(JmesErrorKind.LimitExceeded);
        (GC.GetAllocatedBytesForCurrentThread() - allocated).ShouldBeLessThan(2L * 1024 * 1024 * 1024);
    }

    [Fact]
    public void The_limit_of_steps_is_configurable()
    {
        var numbers = JsonSerializer.SerializeToElement(Enumerable.Range(0, 1_000));
        var expression = JmesPathExpression.Parse("[?@ > `10`]", new() { MaxSteps = 100 });

        Should.Throw<JmesPathException>(() => expression.Evaluate(numbers)).Kind.ShouldBe(JmesErrorKind.LimitExceeded);
        JmesPathExpression.Parse("[?@ > `10`]", new() { MaxSteps = 100_000 }).Evaluate(numbers).Count.ShouldBe(989);
    }

    [Fact]
    public void Cancellation_before_the_start_stops_the_evaluation()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Should.Throw<OperationCanceledException>(() => JmesPathExpression.Parse("a").Evaluate(s_empty, new() { Cancel = source.Token }));
    }

    [Fact]
    public async Task Cancellation_stops_a_running_evaluation()
    {
        var numbers = JsonSerializer.SerializeToElement(Enumerable.Range(0, 2_000));
        var expression = JmesPathExpression.Parse("[?$[?$[?@ == `-1`]]]", new() { MaxSteps = long.MaxValue });
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var evaluation = Task.Run(() => expression.Evaluate(numbers, new() { Cancel = source.Token }));

        await Should.ThrowAsync<OperationCanceledException>(() => evaluation.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [InlineData("@ == $")]
    [InlineData("to_string(@) | length(@)")]
    [InlineData("[@, @] == [$, $]")]
    [InlineData("contains(@, @)")]
    [InlineData("[][][][][][]")]
    [InlineData("[*][*][*][*]")]
    [InlineData("sort_by(@, &to_string(@))")]
    [InlineData("@ || `1`")]
    public void Documents_of_any_depth_are_safe(string expression)
    {
        const int Depth = 10_000;
        var text = new StringBuilder().Append('[', Depth).Append(']', Depth).ToString();
        var deep = JsonDocument.Parse(text, new() { MaxDepth = Depth + 1 }).RootElement;

        OnSmallStack(() =>
        {
            try
            {
                JmesPathExpression.Parse(expression).Evaluate(deep);
            }
            catch (JmesPathException e)
            {
                e.Kind.ShouldBe(JmesErrorKind.LimitExceeded);
            }
        });
    }

    [Theory]
    [InlineData("a == 'x'")]
    [InlineData("upper(a)")]
    [InlineData("b == 'x'")]
    [InlineData("keys(@)")]
    [InlineData("to_string(@)")]
    [InlineData("sort([a, a])")]
    [InlineData("a == a")]
    public void Invalid_unicode_is_an_error_of_the_engine_or_ignored(string expression)
    {
        var broken = JsonDocument.Parse("""{"a": "\ud834", "\udd1e": 1}""").RootElement;

        try
        {
            JmesPathExpression.Parse(expression).Evaluate(broken).Kind.ShouldBeOneOf(Enum.GetValues<JmesKind>());
        }
        catch (JmesPathException e)
        {
            e.Kind.ShouldBe(JmesErrorKind.InvalidValue);
        }
    }

    [Fact]
    public void Large_objects_in_another_order_are_compared_in_linear_time()
    {
        var names = Enumerable.Range(0, 50_000).Select(i => $"name{i}").ToList();
        var left = JsonSerializer.SerializeToElement(names.ToDictionary(n => n));
        var right = JsonSerializer.SerializeToElement(Enumerable.Reverse(names).ToDictionary(n => n));
        var watch = Stopwatch.StartNew();

        JmesPathExpression.Parse("[0] == [1]").Evaluate(JmesValue.FromArray(left, right)).GetBoolean().ShouldBeTrue();

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    /// <summary>Runs on a thread with 256 KB of stack, a sixth of a pool thread's.</summary>
    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            256 * 1024);
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(60)).ShouldBeTrue("the evaluation hangs");
        failure.ShouldBeNull();
    }
}
