using Qrie.Aws.Api;

namespace Qrie.Tests.Inventory;

/// <summary>An operation that does not exist here is asked for once, and everything that needs it is unknown for that reason.</summary>
public sealed class RefusedForGoodTests : StepGrammarTest
{
    private const string Described = "Lock: { call: 'demo:GetLock', with: { Name: Name }, select: Lock }";

    private static readonly string _many = Things([.. Enumerable.Range(0, 50).Select(i => $"thing-{i}")]);

    [Theory]
    [InlineData(AwsErrorKind.RegionUnavailable, "UnknownOperationException")]
    [InlineData(AwsErrorKind.NotSubscribed, "OptInRequired")]
    public async Task It_is_asked_once_for_many_resources(AwsErrorKind kind, string code)
    {
        var harness = Harness(Described);
        harness.Aws.On("demo:ListThings", _many).Fails("demo:GetLock", kind, code);

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:GetLock").ShouldBe(1);
        collected.Resources.Count.ShouldBe(50);
        collected.Resources.ShouldAllBe(r => r.Unknown["Lock"] == code);
    }

    [Fact]
    public async Task So_is_one_that_the_server_does_not_have()
    {
        var harness = Harness(Described);
        harness.Aws.On("demo:ListThings", _many)
            .On("demo:GetLock", _ => FakeAws.Error(AwsErrorKind.Unavailable, "501") with { HttpStatus = AwsError.NotImplemented });

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:GetLock").ShouldBe(1);
        collected.Resources.ShouldAllBe(r => r.Unknown["Lock"] == "501");
    }

    [Fact]
    public async Task Another_unit_asks_again()
    {
        var harness = Harness(Described);
        harness.Aws.On("demo:ListThings", _many).Fails("demo:GetLock", AwsErrorKind.RegionUnavailable, "UnknownOperationException");

        await harness.CollectAsync("demo", Region);
        await harness.CollectAsync("demo", "us-east-1");

        harness.Aws.CountOf("demo:GetLock").ShouldBe(2);
    }

    [Theory]
    [InlineData(AwsErrorKind.Denied, "AccessDenied")]
    [InlineData(AwsErrorKind.Unavailable, "InternalFailure")]
    [InlineData(AwsErrorKind.Throttled, "Throttling")]
    public async Task Other_errors_may_concern_one_resource_only(AwsErrorKind kind, string code)
    {
        var harness = Harness(Described);
        harness.Aws.On("demo:ListThings", _many)
            .On("demo:GetLock", call => call.Text("Name") == "thing-0" ? FakeAws.Error(kind, code) : """{"Lock": "on"}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:GetLock").ShouldBe(50);
        collected["thing-0"].Unknown["Lock"].ShouldBe(code);
        collected["thing-1"].Attribute("Lock").ShouldBe("\"on\"");
    }
}
