using System.Diagnostics;
using Qrie.Aws.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>How the engine handles refusals, broken connections and invalid responses.</summary>
public sealed class FaultTests
{
    [EmulatorTheory]
    [InlineData("s3", "ListBuckets", "AccessDenied")]
    [InlineData("ec2", "DescribeVpcs", "UnauthorizedOperation")]
    [InlineData("iam", "ListUsers", "AccessDenied")]
    [InlineData("kms", "ListKeys", "AccessDeniedException")]
    [InlineData("lambda", "ListFunctions", "AccessDeniedException")]
    public async Task A_denied_call_is_a_value_in_every_protocol(string service, string operation, string code)
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        proxy.On($"{service}:{operation}").AccessDenied();

        var answer = await aws.Api.CallAsync(Estate.Create().Call(service, operation), default);

        answer.Error.ShouldNotBeNull();
        answer.Error.Kind.ShouldBe(AwsErrorKind.Denied);
        answer.Error.Code.ShouldBe(code);
        answer.Error.Message.ShouldBe("You are not authorized to perform this operation.");
        answer.Error.RequestId.ShouldNotBeNullOrEmpty();
        proxy.RequestsFor(operation).Count.ShouldBe(1, "a retry does not help");
    }

    [EmulatorFact]
    public async Task What_a_server_does_not_have_is_not_asked_for_again()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        proxy.On("ec2:DescribeVpcs").Error("NotImplemented", AwsError.NotImplemented);

        var answer = await aws.Api.CallAsync(Estate.Create().Call("ec2", "DescribeVpcs"), default);

        answer.Error.ShouldNotBeNull();
        (answer.Error.Kind, answer.Error.Code, answer.Error.IsForGood).ShouldBe((AwsErrorKind.Unavailable, "NotImplemented", true));
        proxy.RequestsFor("DescribeVpcs").Count.ShouldBe(1);
    }

    [EmulatorTheory]
    [InlineData("throttled")]
    [InlineData("server error")]
    [InlineData("error page of a load balancer")]
    [InlineData("reset")]
    [InlineData("truncated")]
    [InlineData("cut body")]
    public async Task Transient_errors_are_retried(string fate)
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        var rule = proxy.On("ec2:DescribeVpcs").Times(2);
        switch (fate)
        {
            case "throttled": rule.Throttle(); break;
            case "server error": rule.Error("InternalError", 500); break;
            case "error page of a load balancer": rule.ServerError(502); break;
            case "reset": rule.Reset(); break;
            case "truncated": rule.Truncate(); break;
            case "cut body": rule.CutBody(); break;
        }

        var answer = await aws.Api.CallAsync(estate.Call("ec2", "DescribeVpcs"), default);

        answer.Error.ShouldBeNull();
        answer.Content.GetProperty("Vpcs").GetArrayLength().ShouldBe(1);
        proxy.RequestsFor("DescribeVpcs").Count.ShouldBe(3);
    }

    [EmulatorFact]
    public async Task Persistent_errors_are_returned_as_values_after_a_few_attempts()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url, o => (o.MaxAttempts, o.MaxThrottledAttempts) = (3, 4));
        proxy.On("ec2:DescribeVpcs").Reset();
        proxy.On("kms:ListKeys").CutBody();
        proxy.On("iam:ListUsers").Throttle();
        var estate = Estate.Create();

        var reset = await aws.Api.CallAsync(estate.Call("ec2", "DescribeVpcs"), default);
        var cut = await aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default);
        var throttled = await aws.Api.CallAsync(estate.Call("iam", "ListUsers"), default);

        (reset.Error?.Kind, reset.Error?.Code).ShouldBe((AwsErrorKind.Unavailable, "ConnectionFailed"));
        (cut.Error?.Kind, cut.Error?.Code).ShouldBe((AwsErrorKind.Unavailable, "UnreadableResponse"));
        (throttled.Error?.Kind, throttled.Error?.Code).ShouldBe((AwsErrorKind.Throttled, "Throttling"));
        proxy.RequestsFor("DescribeVpcs").Count.ShouldBe(3);
        proxy.RequestsFor("ListKeys").Count.ShouldBe(3);
        proxy.RequestsFor("ListUsers").Count.ShouldBe(4);
    }

    [EmulatorFact]
    public async Task A_server_that_never_responds_is_a_timeout()
    {
        await using var proxy = await FaultProxy.StartAsync();
        var estate = Estate.Create();
        using (var patient = EmulatedAws.At(proxy.Url))
        {
            // The first role in the emulator takes longer than the attempts below are allowed to.
            (await patient.Api.CallAsync(estate.Call("iam", "ListUsers"), default)).Error.ShouldBeNull();
        }

        using var aws = EmulatedAws.At(proxy.Url, o => (o.AttemptTimeout, o.MaxAttempts) = (TimeSpan.FromSeconds(1), 2));
        proxy.On("kms:ListKeys").Hang();

        var answer = await aws.Api.CallAsync(estate.Call("kms", "ListKeys"), default);

        (answer.Error?.Kind, answer.Error?.Code).ShouldBe((AwsErrorKind.Unavailable, "Timeout"));
        proxy.RequestsFor("ListKeys").Count.ShouldBe(2);
    }

    [EmulatorTheory]
    [InlineData("while it waits for the answer")]
    [InlineData("while it waits to try again")]
    public async Task Cancellation_takes_less_than_a_second(string moment)
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url, o => o.RetryDelay = TimeSpan.FromSeconds(20));
        var rule = proxy.On("kms:ListKeys");
        if (moment == "while it waits for the answer")
        {
            rule.Hang();
        }
        else
        {
            rule.ServerError();
        }

        using var cancel = new CancellationTokenSource();
        var call = aws.Api.CallAsync(Estate.Create().Call("kms", "ListKeys"), cancel.Token);
        while (proxy.RequestsFor("ListKeys").Count == 0)
        {
            await Task.Delay(10);
        }

        var watch = Stopwatch.StartNew();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [EmulatorFact]
    public async Task A_list_that_fails_at_its_second_page_ends_with_the_error()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        foreach (var name in new[] { "a1a", "b2b", "c3c" })
        {
            await estate.DoAsync("dynamodb", "CreateTable", new
            {
                TableName = name,
                KeySchema = new[] { new { AttributeName = "Id", KeyType = "HASH" } },
                AttributeDefinitions = new[] { new { AttributeName = "Id", AttributeType = "S" } },
                BillingMode = "PAY_PER_REQUEST",
            });
        }

        proxy.On("dynamodb:ListTables").OnLaterPages().AccessDenied();
        var pages = await aws.Api.PagesAsync(estate.Call("dynamodb", "ListTables", new { Limit = 2 }), EmulatedAws.Models).ToListAsync();

        pages.Count.ShouldBe(2);
        pages[0].Content.GetProperty("TableNames").EnumerateArray().Select(t => t.GetString()).ShouldBe(["a1a", "b2b"]);
        pages[1].Error!.Code.ShouldBe("AccessDeniedException");
    }

    [EmulatorFact]
    public async Task A_bucket_can_be_deleted_between_list_and_describe()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        var bucket = estate.Unique("fleeting");
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        proxy.On("s3:GetBucketAcl").About(bucket).Before(_ => estate.DoAsync("s3", "DeleteBucket", new { Bucket = bucket }));

        var list = await aws.Api.CallAsync(estate.Call("s3", "ListBuckets"), default);
        var acl = await aws.Api.CallAsync(estate.Call("s3", "GetBucketAcl", new { Bucket = bucket }), default);

        list.Content.GetProperty("Buckets").GetArrayLength().ShouldBe(1);
        (acl.Error?.Kind, acl.Error?.Code).ShouldBe((AwsErrorKind.NotFound, "NoSuchBucket"));
    }

    [EmulatorFact]
    public async Task The_time_of_a_response_is_that_of_the_successful_attempt()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url, o => o.RetryDelay = TimeSpan.FromMilliseconds(400));
        proxy.On("kms:ListKeys").Times(1).ServerError();
        var before = DateTimeOffset.UtcNow;

        var answer = await aws.Api.CallAsync(Estate.Create().Call("kms", "ListKeys"), default);

        answer.Error.ShouldBeNull();
        (answer.SentAt - before).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(200));
        answer.SentAt.ShouldBeLessThan(DateTimeOffset.UtcNow);
    }
}
