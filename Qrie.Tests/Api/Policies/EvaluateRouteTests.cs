using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Policies;

/// <summary><c>POST /policies/evaluate</c>: trying out a policy before it is added to a catalog.</summary>
public sealed class EvaluateRouteTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private const string Bucket = "AWS::S3::Bucket";

    private const string Document =
        """
        id: S3BucketNamedBadly
        title: Named badly
        description: Its name is not what it should be.
        resource: AWS::S3::Bucket
        category: configuration
        severity: 10
        params: { good: x }
        violation: "Name != $good"
        evidence: '{name: Name, account: $account}'
        remediation: Name it well.
        tests:
          - { name: good, config: { Name: x }, expect: pass }
          - { name: bad, config: { Name: y }, expect: fail }
        """;

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await hosts.GetAsync("scanned", async () =>
    {
        var qrie = await RunningQrie.StartAsync(new Api.ScriptedCollector()
            .With("""{"Name":"x","Versioning":{"Status":"Enabled"}}""", "good", "twice")
            .With("""{"Name":"y","_unknown":{"Versioning":"AccessDenied"}}""", "hidden"));
        await qrie.ScanAsync(new { kind = "inventory" });
        return qrie;
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("Versioning.Status", "\"Enabled\"", "Versioning")]
    [InlineData("[$account, $region, $arn]", """["123456789012","us-east-1","arn:aws:s3:::good"]""", "")]
    [InlineData("$tags", "{}", "$tags")]
    [InlineData("age_days($now)", "0", "")]
    [InlineData("Name == $name", "true", "Name")]
    [InlineData("keys(@)", """["Name","Versioning"]""", "@")]
    public async Task An_expression_is_evaluated_on_a_stored_resource(string expression, string value, string reads)
    {
        var (status, body) = await EvaluateAsync(new { expression, resource = "arn:aws:s3:::good", @params = new { name = "x" } });

        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        body.GetProperty("value").GetRawText().ShouldBe(value);
        string.Join(' ', body.GetProperty("attributes_read").EnumerateArray().Select(a => a.GetString())).ShouldBe(reads);
        body.GetProperty("unknown_reason").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Unknown_attributes_are_reported()
    {
        var (_, body) = await EvaluateAsync(
            new { expression = "Versioning.Status == 'Enabled'", resource = "arn:aws:s3:::hidden", account_service = "123456789012_s3" });

        body.GetProperty("unknown_reason").GetRawText().ShouldBe("""{"attribute":"Versioning","code":"AccessDenied"}""");
    }

    [Fact]
    public async Task An_expression_is_evaluated_on_a_given_configuration_with_tags()
    {
        var (_, body) = await EvaluateAsync(
            new { expression = "[Name, $tags.Env]", configuration = new { Name = "ü" }, type = Bucket, tags = new { Env = "prod" } });
        var (_, untyped) = await EvaluateAsync(
            new { expression = "Anything[?x > `1`].x", configuration = new { Anything = new[] { new { x = 1 }, new { x = 2 } } } });

        body.GetProperty("value").GetRawText().ShouldBe("""["ü","prod"]""");
        untyped.GetProperty("value").GetRawText().ShouldBe("[2]");
    }

    [Theory]
    [InlineData("Versioning.Status ==", 1, 21, 20, "syntax")]
    [InlineData("Name &&\n  wrong_function(Name)", 2, 3, 10, "unknown-function")]
    [InlineData("Name == $nmae", 1, 9, 8, "Did you mean $name?")]
    [InlineData("Versioning.Statux", 1, 12, 11, "has no member Statux")]
    [InlineData("Name > 'a'", 1, 1, null, "Only numbers have an order")]
    public async Task An_error_in_an_expression_is_reported_with_its_position(string expression, int line, int column, int? offset, string message)
    {
        var (status, body) = await EvaluateAsync(new { expression, resource = "arn:aws:s3:::good", @params = new { name = "x" } });

        status.ShouldBe(HttpStatusCode.BadRequest, body.ToString());
        var place = body.GetProperty("places")[0];
        (place.GetProperty("field").GetString(), place.GetProperty("line").GetInt32()).ShouldBe(("expression", line));
        if (offset is not null)
        {
            (place.GetProperty("column").GetInt32(), place.GetProperty("offset").GetInt32()).ShouldBe((column, offset.Value));
        }

        $"{place.GetProperty("message").GetString()} {place.GetProperty("remedy").GetString()}".ShouldContain(message);
        body.GetProperty("errors").GetProperty("expression")[0].GetString()
            .ShouldBe($"{place.GetProperty("message").GetString()} {place.GetProperty("remedy").GetString()}");
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var (_, typed) = await EvaluateAsync(new { expression = "Nmae || Versioning.Statux || Nothing", configuration = new { }, type = Bucket });
        var (_, fields) = await EvaluateAsync(new { expression = "(", policy = "x", resource = "a", configuration = new { }, type = "AWS::S3::Buckets" });

        typed.GetProperty("places").GetArrayLength().ShouldBe(3);
        fields.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe(["expression", "resource", "type"], ignoreOrder: true);
        fields.GetProperty("errors").GetProperty("type").ToString().ShouldContain("Did you mean AWS::S3::Bucket?");
        (await EvaluateAsync(new { })).Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe(["expression", "resource"], ignoreOrder: true);
        (await EvaluateAsync(new { expression = "a", configuration = new[] { 1 } })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_unknown_resource_is_a_404_and_one_in_two_accounts_must_be_qualified()
    {
        var twin = Some.Bucket("twice", account: "210987654321");
        await _qrie.PostAsync("/accounts", new { account_id = "210987654321" });
        await _qrie.Services.GetRequiredService<IResourceStore>().WriteAsync("default", [twin], twin.DescribeTime, default);

        (await EvaluateAsync(new { expression = "Name", resource = "arn:aws:s3:::nowhere" })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await EvaluateAsync(new { expression = "Name", resource = "arn:aws:s3:::hidden", account_service = "210987654321_s3" })).Status
            .ShouldBe(HttpStatusCode.NotFound);
        var (status, body) = await EvaluateAsync(new { expression = "Name", resource = "arn:aws:s3:::twice" });
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("errors").GetProperty("account_service")[0].GetString()!.ShouldContain("123456789012_s3 and 210987654321_s3");
        (await EvaluateAsync(new { expression = "Name", resource = "arn:aws:s3:::twice", account_service = "123456789012_s3" })).Body
            .GetProperty("value").GetString().ShouldBe("x");
    }

    [Theory]
    [InlineData("arn:aws:s3:::good", "pass", false)]
    [InlineData("arn:aws:s3:::hidden", "fail", false)]
    [InlineData("arn:aws:s3:::good", "pass", true)]
    [InlineData("arn:aws:s3:::hidden", "fail", true)]
    public async Task A_policy_document_is_evaluated_on_a_stored_resource(string resource, string verdict, bool asJson)
    {
        var (status, body) = await EvaluateAsync(new { policy = asJson ? (object)AsJson() : Document, resource });

        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        (body.GetProperty("policy_id").GetString(), body.GetProperty("verdict").GetString()).ShouldBe(("S3BucketNamedBadly", verdict));
        body.GetProperty("attributes_read")[0].GetString().ShouldBe("Name");
        body.TryGetProperty("evidence", out var evidence).ShouldBe(verdict == "fail");
        (verdict == "pass" || evidence.GetRawText() == """{"name":"y","account":"123456789012"}""").ShouldBeTrue();
    }

    [Fact]
    public async Task A_policy_document_is_evaluated_on_a_given_configuration_with_other_parameters()
    {
        var (_, body) = await EvaluateAsync(new { policy = Document, configuration = new { Name = "z" }, @params = new { good = "z" } });
        var (_, unknown) = await EvaluateAsync(new { policy = Document, configuration = new { _unknown = new { Name = "AccessDenied" } } });
        var (wrong, problem) = await EvaluateAsync(new { policy = Document, configuration = new { }, @params = new { good = 1, other = 2 } });

        body.GetProperty("verdict").GetString().ShouldBe("pass");
        (unknown.GetProperty("verdict").GetString(), unknown.GetProperty("unknown_reason").GetProperty("code").GetString())
            .ShouldBe(("unknown", "AccessDenied"));
        wrong.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("errors").GetProperty("params").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Errors_in_a_document_are_those_of_the_catalog_loader_with_line_and_column()
    {
        var broken = Document.Replace("category: configuration", "categroy: configuration", StringComparison.Ordinal)
            .Replace("severity: 10", "severity: 1000", StringComparison.Ordinal);
        var (status, body) = await EvaluateAsync(new { policy = broken, configuration = new { } });
        var (_, typed) = await EvaluateAsync(
            new { policy = Document.Replace("\"Name != $good\"", "\"Nmae != $good\"", StringComparison.Ordinal), configuration = new { } });
        var (_, json) = await EvaluateTextAsync("{\"configuration\": {}, \"policy\": {\n  \"id\": \"X1\",\n  \"severity\": \"high\", \"severity\": 2 } }");
        var (_, bent) = await EvaluateAsync(new { policy = "a: &anchor 1\nb: *anchor", configuration = new { } });

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("places").EnumerateArray().Select(p => p.GetProperty("line").GetInt32()).ShouldBe([1, 5, 6]);
        body.GetProperty("places")[1].GetProperty("remedy").GetString().ShouldBe("Did you mean 'category'?");
        (typed.GetProperty("places")[0].GetProperty("line").GetInt32(),
            typed.ToString().Contains("has no member Nmae", StringComparison.Ordinal)).ShouldBe((8, true));
        json.GetProperty("places").EnumerateArray().Select(p => (p.GetProperty("line").GetInt32(), p.GetProperty("column").GetInt32())).ShouldContain((3, 23));
        bent.ToString().ShouldContain("YAML alias");
    }

    [Fact]
    public async Task A_policy_for_another_type_is_refused()
    {
        var (status, body) = await EvaluateAsync(new
        {
            policy = Document.Replace(Bucket, "AWS::S3::Account", StringComparison.Ordinal).Replace("Name", "ConfigurationName", StringComparison.Ordinal),
            resource = "arn:aws:s3:::good",
        });

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.ToString().ShouldContain("resource");
    }

    [Theory]
    [InlineData("length(Items[*].[$.Items[*].[$.Items[*]]])")] // 500 million steps without a limit
    [InlineData("join('', Items[*].join('', $.Items[*].join('', $.Items[*].to_string(@))))")]
    public async Task An_expensive_expression_does_not_stall_the_service(string expression)
    {
        var watch = Stopwatch.StartNew();
        var (status, body) = await EvaluateAsync(new { expression, configuration = new { Items = Enumerable.Range(0, 800) } });

        status.ShouldBe(HttpStatusCode.BadRequest, body.ToString().Length > 500 ? "an answer" : body.ToString());
        // The step limit is reached first, unless the machine is very busy.
        body.GetProperty("message").GetString()!.ShouldMatch("limit-exceeded|takes longer than 2 seconds");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20)); // generous, because the machine may be busy
    }

    [Theory]
    [InlineData("{a:@,b:@}|", "@")]
    [InlineData("{a:@,b:@}|", "a == b")]
    [InlineData("{a:@,b:@}|", "[a, b] | [0]")]
    [InlineData("[@,@]|", "@")]
    [InlineData("[@,@]|", "[0] == [1]")]
    [InlineData("[[@,@][],@]|", "@")]
    [InlineData("(@||{a:@,b:@})|", "a.b.c")]
    [InlineData("merge(@,{a:@,b:@})|", "a || b")]
    public async Task Exponentially_growing_types_do_not_stall_the_service(string doubled, string end)
    {
        var expression = string.Concat(Enumerable.Repeat(doubled, 300)) + end;
        foreach (var type in new[] { Bucket, null })
        {
            var watch = Stopwatch.StartNew();
            var (status, body) = await EvaluateAsync(new { expression, configuration = new { Name = "x" }, type });

            status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.OK);
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
            body.ToString().Length.ShouldBeLessThan(10_000);
        }
    }

    [Fact]
    public async Task A_large_document_or_body_does_not_stall_the_service()
    {
        var slow = $"let $x = split('{new string('a', 150)}', '') in length($x[*].[$x[*].[$x[*]]]) == `1`";
        var many = Document.Replace("\"Name != $good\"", $"[{string.Join(", ", Enumerable.Repeat($"\"{slow}\"", 250))}]", StringComparison.Ordinal);
        var deep = $"a: {new string('[', 30_000)}";

        (await EvaluateAsync(new { policy = many, configuration = new { Name = "x" } })).Body.ToString().ShouldContain("takes longer than 2 seconds");
        (await EvaluateAsync(new { policy = deep, configuration = new { } })).Body.ToString().ShouldContain("nested more than 64 deep");
        (await EvaluateAsync(new { policy = new string('x', 70_000), configuration = new { } })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await EvaluateAsync(new { expression = new string('a', 9_000), configuration = new { } })).Body.ToString().ShouldContain("limit-exceeded");
        (await EvaluateAsync(
            new { expression = $"matches(Name, '{new string('(', 5)}a{string.Concat(Enumerable.Repeat("{100})", 5))}')", configuration = new { Name = "a" } }))
            .Status.ShouldBe(HttpStatusCode.BadRequest);
        using var large = new HttpRequestMessage(HttpMethod.Post, "/policies/evaluate");
        large.Content = JsonContent.Create(new { expression = "a", configuration = new { a = new string('x', 1_100_000) } });
        large.Headers.ExpectContinue = true; // otherwise the connection is closed while it is still sending
        using var refused = await _qrie.Http.SendAsync(large);
        refused.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("title").GetString().ShouldBe("Content too large");
        (await EvaluateAsync(new { expression = "a", configuration = new { }, type = new string('x', 900_000) })).Status.ShouldBe(HttpStatusCode.BadRequest);
        var (missing, answer) = await _qrie.PostAsync("/policies/launch", new { policy_id = new string('x', 5_000_000) });
        (missing, answer.ToString().Length < 5_000).ShouldBe((HttpStatusCode.NotFound, true));
        (await EvaluateAsync(new { expression = "Name", resource = "arn:aws:s3:::good" })).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static JsonElement AsJson() => JsonSerializer.SerializeToElement(new Dictionary<string, object>
    {
        ["id"] = "S3BucketNamedBadly",
        ["title"] = "Named badly \ud83d\udc5f",
        ["description"] = "A \"name\" / that is not what it should be.\nIn two lines.",
        ["resource"] = Bucket,
        ["category"] = "configuration",
        ["severity"] = 10,
        ["params"] = new { good = "x" },
        ["violation"] = new[] { "Name != $good" },
        ["evidence"] = "{name: Name, account: $account}",
        ["remediation"] = "Name it well.",
        ["tests"] = new object[] { new { name = "good", config = new { Name = "x" }, expect = "pass" },
            new { name = "bad", config = new { Name = "y" }, expect = "fail" } },
    });

    private Task<(HttpStatusCode Status, JsonElement Body)> EvaluateAsync(object body) => _qrie.PostAsync("/policies/evaluate", body);

    private Task<(HttpStatusCode Status, JsonElement Body)> EvaluateTextAsync(string body) => _qrie.PostTextAsync("/policies/evaluate", body);
}
