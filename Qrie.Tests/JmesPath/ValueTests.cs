using System.Buffers;
using System.Text;
using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Tests.JmesPath;

public sealed class ValueTests
{
    [Fact]
    public void The_default_and_an_undefined_element_are_null()
    {
        default(JmesValue).Kind.ShouldBe(JmesKind.Null);
        JmesValue.FromElement(default).ShouldBe(JmesValue.Null);
        default(JmesValue).ToJsonElement().ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("false", false)]
    [InlineData("true", true)]
    [InlineData("0", true)]
    [InlineData("\"\"", false)]
    [InlineData("\" \"", true)]
    [InlineData("[]", false)]
    [InlineData("[null]", true)]
    [InlineData("{}", false)]
    [InlineData("{\"a\": null}", true)]
    public void Truthiness_is_the_same_for_parsed_and_built_values(string json, bool truthy)
    {
        JmesValue parsed = Parse(json);

        parsed.IsTruthy.ShouldBe(truthy);
        parsed.IsFalsy.ShouldBe(!truthy);
        Rebuilt(parsed).IsTruthy.ShouldBe(truthy);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("-1.5")]
    [InlineData("\"a\\\"\\u00fc\\ud834\\udf06\"")]
    [InlineData("[1, [2], {}]")]
    [InlineData("{\"a\": {\"b\": [true, null]}, \"c\": \"\"}")]
    public void A_built_value_equals_the_parsed_one_and_has_the_same_text(string json)
    {
        JmesValue parsed = Parse(json);
        var built = Rebuilt(parsed);

        built.ShouldBe(parsed);
        built.GetHashCode().ShouldBe(parsed.GetHashCode());
        built.ToString().ShouldBe(parsed.ToString());
        JsonElement.DeepEquals(built.ToJsonElement(), parsed.ToJsonElement()).ShouldBeTrue();
    }

    [Fact]
    public void An_object_of_many_members_finds_each()
    {
        var members = Enumerable.Range(0, 100).Select(i => KeyValuePair.Create($"n{i}", JmesValue.FromNumber(i)));
        var value = JmesValue.FromObject(members);

        value.Count.ShouldBe(100);
        value.TryGetMember("n77", out var found).ShouldBeTrue();
        found.GetNumber().ShouldBe(77);
        value.TryGetMember("n100", out _).ShouldBeFalse();
    }

    [Fact]
    public void For_duplicate_members_the_last_one_is_used() =>
        JmesValue.FromObject(KeyValuePair.Create("a", JmesValue.True), KeyValuePair.Create("a", JmesValue.False)).ToString().ShouldBe("{\"a\":false}");

    [Fact]
    public void A_number_without_a_JSON_representation_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => JmesValue.FromNumber(double.NaN));
        Should.Throw<ArgumentOutOfRangeException>(() => JmesValue.FromNumber(double.PositiveInfinity));
    }

    [Fact]
    public void An_accessor_for_another_kind_throws()
    {
        Should.Throw<InvalidOperationException>(() => JmesValue.True.GetString()).Message.ShouldContain("boolean");
        Should.Throw<InvalidOperationException>(() => JmesValue.FromString("1").GetNumber());
        JmesValue.FromString("x").Count.ShouldBe(0);
        JmesValue.FromString("x").TryGetMember("x", out _).ShouldBeFalse();
    }

    [Fact]
    public void A_result_that_is_part_of_the_input_stays_part_of_it()
    {
        using var document = JsonDocument.Parse("""{"a": {"b": [{"c": 1}, {"c": 2}]}}""");
        var expected = document.RootElement.GetProperty("a").GetProperty("b")[1];

        var result = JmesPathExpression.Parse("a.b[?c > `1`] | [0]").Evaluate(document.RootElement);

        result.TryGetElement(out var element).ShouldBeTrue();
        System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element)
            .Overlaps(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(expected)).ShouldBeTrue("the bytes should be the document's own");
    }

    [Fact]
    public void A_value_writes_itself()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            JmesPathExpression.Parse("{a: [x, `1.50`], b: 'y'}").Evaluate(Parse("""{"x": {"z": null}}""")).WriteTo(writer);
        }

        Encoding.UTF8.GetString(buffer.WrittenSpan).ShouldBe("""{"a":[{"z":null},1.50],"b":"y"}""");
    }

    [Fact]
    public void A_built_value_can_be_the_root()
    {
        var root = JmesValue.FromObject(KeyValuePair.Create("l", JmesValue.FromArray(JmesValue.FromNumber(3), Parse("4"))));

        JmesPathExpression.Parse("l[?@ > `3`] | [0]").Evaluate(root).GetNumber().ShouldBe(4);
    }

    [Fact]
    public void An_expression_can_be_used_by_many_threads()
    {
        var expression = JmesPathExpression.Parse("let $k = k in sort_by(l[?n >= $k], &n)[*].{n: n, s: to_string(n + $k)}");
        var wrong = 0;

        Parallel.For(0, 5_000, i =>
        {
            var numbers = Enumerable.Range(0, 20).Select(n => (n * 7 + i) % 20).ToList();
            var root = JsonSerializer.SerializeToElement(new { k = i % 20, l = numbers.Select(n => new { n }) });
            var expected = numbers.Where(n => n >= i % 20).Order().Select(n => new { n, s = $"{n + i % 20}" });
            var trace = i % 2 == 0 ? new EvaluationTrace() : null;
            if (expression.Evaluate(root, new() { Trace = trace }) != JsonSerializer.SerializeToElement(expected))
            {
                Interlocked.Increment(ref wrong);
            }
        });

        wrong.ShouldBe(0);
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static JmesValue Rebuilt(JmesValue value)
    {
        switch (value.Kind)
        {
            case JmesKind.Boolean:
                return JmesValue.FromBoolean(value.GetBoolean());
            case JmesKind.Number:
                return JmesValue.FromNumber(value.GetNumber());
            case JmesKind.String:
                return JmesValue.FromString(value.GetString());
            case JmesKind.Array:
                var items = new List<JmesValue>();
                foreach (var item in value.EnumerateArray())
                {
                    items.Add(Rebuilt(item));
                }

                return JmesValue.FromArray(items);
            case JmesKind.Object:
                var members = new List<KeyValuePair<string, JmesValue>>();
                foreach (var (name, member) in value.EnumerateObject())
                {
                    members.Add(new(name, Rebuilt(member)));
                }

                return JmesValue.FromObject(members);
            default:
                return JmesValue.Null;
        }
    }
}
