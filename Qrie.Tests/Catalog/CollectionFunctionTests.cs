using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Tests.Catalog;

public class CollectionFunctionTests
{
    [Theory]
    [InlineData("from_json('{\"a\": [1]}')", """{"a":[1]}""")]
    [InlineData("from_base64('w6k=')", "\"é\"")]
    [InlineData(
        "from_csv('user,key\n<root_account>,false\n\"a, b\",\"say \"\"x\"\"\"\n')",
        """[{"user":"<root_account>","key":"false"},{"user":"a, b","key":"say \u0022x\u0022"}]""")]
    [InlineData("from_csv('user,key\r\na,b')", """[{"user":"a","key":"b"}]""")]
    [InlineData("from_csv('')", "[]")]
    [InlineData("parse_strings(`{\"a\": \"true\", \"b\": \"{\\\"x\\\": 1}\", \"c\": \"123456789012\", \"d\": \"[1]\", \"e\": \"{no\", \"f\": \"text\"}`)",
        """{"a":true,"b":{"x":1},"c":"123456789012","d":[1],"e":"{no","f":"text"}""")]
    [InlineData("[from_json(null), from_base64(null), from_csv(null), parse_strings(null), policy_document(null)]", "[null,null,null,null,null]")]
    public void Texts_of_AWS_are_converted_to_values(string expression, string result)
    {
        var options = CollectionFunctions.Options;
        expression = expression.Replace("null", "`null`", StringComparison.Ordinal);

        System.Text.Json.JsonSerializer.Serialize(JmesPathExpression.Parse(expression, options).Evaluate(JmesValue.Null).ToJsonElement())
            .ShouldBe(System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonDocument.Parse(result).RootElement));
    }

    [Theory]
    [InlineData("from_json('{')")]
    [InlineData("from_base64('*')")]
    [InlineData("policy_document('x')")]
    public void Invalid_text_is_an_error(string expression) =>
        Should.Throw<JmesPathException>(() => JmesPathExpression.Parse(expression, CollectionFunctions.Options).Evaluate(JmesValue.Null));
}
