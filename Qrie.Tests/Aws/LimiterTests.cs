using System.Diagnostics;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Limits;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Aws;

/// <summary>The adaptive rate approaches AWS's limit and stays there.</summary>
public sealed class LimiterTests
{
    [EmulatorFact]
    public async Task A_throttled_service_does_not_slow_down_another_account_region_or_service()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url, o => o.MaxThrottledAttempts = 50);
        using var stop = new CancellationTokenSource();
        var (throttled, free) = (Estate.Create(), Estate.Create());
        proxy.On("kms:ListKeys").ForAccount(throttled.AccountId).ForRegion("us-east-1").Throttle();
        var slow = Task.WhenAll(Enumerable.Range(0, 5).Select(_ => aws.Api.CallAsync(throttled.Call("kms", "ListKeys"), stop.Token)));
        while (proxy.RequestsFor("ListKeys").Count < 5)
        {
            await Task.Delay(10);
        }

        var watch = Stopwatch.StartNew();
        AwsCall[] others = [free.Call("kms", "ListKeys"), throttled.Call("kms", "ListKeys", region: "eu-west-1"), throttled.Call("sns", "ListTopics")];
        var answers = await Task.WhenAll(others.SelectMany(c => Enumerable.Repeat(c, 3)).Select(c => aws.Api.CallAsync(c, default)));

        answers.ShouldAllBe(a => a.Error == null);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        slow.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(slow);
    }

    [Fact]
    public async Task No_more_calls_are_in_flight_than_allowed()
    {
        using var limiter = new AdaptiveLimiter(maxConcurrency: 3, maxRate: 1000, TimeProvider.System);
        var permits = new List<AdaptiveLimiter.LimiterLease>();
        for (var i = 0; i < 3; i++)
        {
            permits.Add(await limiter.AcquireAsync(default));
        }

        var fourth = limiter.AcquireAsync(default);
        await Task.Delay(50);
        fourth.IsCompleted.ShouldBeFalse();

        permits[0].Lost();
        (await fourth).Passed();
    }

    [Fact]
    public async Task Waiting_for_a_permit_can_be_cancelled_and_releases_the_slot()
    {
        using var limiter = new AdaptiveLimiter(maxConcurrency: 1, maxRate: 1000, TimeProvider.System);
        var lease = await limiter.AcquireAsync(default);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));

        await Should.ThrowAsync<OperationCanceledException>(() => limiter.AcquireAsync(cancel.Token));
        lease.Passed();

        (await limiter.AcquireAsync(default).WaitAsync(TimeSpan.FromSeconds(5))).Passed();
    }

    [Fact]
    public async Task Throttling_halves_the_rate_once_per_decision_and_it_grows_back()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        using var limiter = new AdaptiveLimiter(maxConcurrency: 10, maxRate: 1000, clock);
        await PassAsync(limiter, clock, calls: 40, every: TimeSpan.FromMilliseconds(50));
        var before = limiter.Rate;
        var (first, second) = (await limiter.AcquireAsync(default), await limiter.AcquireAsync(default));
        first.Throttled();
        var after = limiter.Rate;
        second.Throttled();

        after.ShouldBeLessThan(before / 1.9);
        limiter.Rate.ShouldBe(after, "the second was sent before the rate was lowered");

        await PassAsync(limiter, clock, calls: 200, every: TimeSpan.FromMilliseconds(100));
        limiter.Rate.ShouldBeGreaterThan(after * 1.8);
    }

    [Fact]
    public async Task Replicas_share_the_rate()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        var replicas = 1;
        using var limiter = new AdaptiveLimiter(maxConcurrency: 10, maxRate: 200, clock, () => replicas);
        limiter.Rate.ShouldBe(100);
        await PassAsync(limiter, clock, calls: 3000, every: TimeSpan.FromMilliseconds(5));
        limiter.Rate.ShouldBe(200);

        replicas = 4;
        await PassAsync(limiter, clock, calls: 1, every: TimeSpan.FromSeconds(1));

        limiter.Rate.ShouldBe(50);
        using var added = new AdaptiveLimiter(maxConcurrency: 10, maxRate: 200, clock, () => replicas);
        added.Rate.ShouldBe(25);
    }

    [Fact]
    public async Task Idle_limiters_are_dropped_but_a_learned_rate_is_kept_for_hours()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        var pool = new LimiterPool(new AwsApiOptions(), clock);
        for (var account = 0; account < 1000; account++)
        {
            (await pool.For($"{account}", "us-east-1", "s3").AcquireAsync(default)).Passed();
        }

        var slowed = pool.For("slowed", "us-east-1", "s3");
        (await slowed.AcquireAsync(default)).Throttled();
        var busy = pool.For("busy", "us-east-1", "s3");
        var lease = await busy.AcquireAsync(default);
        pool.Count.ShouldBe(1002);

        clock.Advance(TimeSpan.FromMinutes(14));
        pool.For("0", "us-east-1", "s3");
        pool.Count.ShouldBe(1002, "not idle for long enough");

        clock.Advance(TimeSpan.FromMinutes(2));
        pool.For("0", "us-east-1", "s3");
        pool.Count.ShouldBe(3, "recently used, in use, or with a lowered rate");
        pool.For("busy", "us-east-1", "s3").ShouldBeSameAs(busy);
        lease.Passed();

        clock.Advance(TimeSpan.FromHours(5));
        pool.For("slowed", "us-east-1", "s3").ShouldBeSameAs(slowed);
        pool.Count.ShouldBe(1, "only the slowed one");

        clock.Advance(TimeSpan.FromHours(7));
        pool.For("slowed", "us-east-1", "s3").Rate.ShouldBe(400, "a new one");
        pool.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_published_rate_is_waited_for()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        var bucket = new TokenBucket(new RequestRate(Burst: 80, PerSecond: 16), clock, () => 1);
        Enumerable.Range(0, 81).Select(_ => bucket.WaitAsync(default)).Count(call => call.IsCompleted).ShouldBe(81, "a bucket, and the next one at once");

        var (next, second) = (bucket.WaitAsync(default), bucket.WaitAsync(default));
        next.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1.0 / 16));
        await next.WaitAsync(TimeSpan.FromSeconds(30));
        second.IsCompleted.ShouldBeFalse();

        clock.Advance(TimeSpan.FromMinutes(1));
        await second.WaitAsync(TimeSpan.FromSeconds(30));
        Enumerable.Range(0, 200).Select(_ => bucket.WaitAsync(default)).Count(call => call.IsCompleted).ShouldBe(81, "it does not grow beyond its size");
    }

    [Fact]
    public async Task Throttling_says_that_others_have_used_up_a_published_rate()
    {
        var clock = new FakeClock(DateTimeOffset.UnixEpoch);
        var bucket = new TokenBucket(new RequestRate(Burst: 80, PerSecond: 16), clock, () => 1);
        using var limiter = new AdaptiveLimiter(maxConcurrency: 10, maxRate: 1000, clock);
        (await limiter.AcquireAsync(default, bucket)).Throttled();

        var next = bucket.WaitAsync(default);

        next.IsCompleted.ShouldBeFalse("the bucket is empty");
        clock.Advance(TimeSpan.FromSeconds(1.0 / 16));
        await next.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Operations_share_a_bucket_where_AWS_says_so()
    {
        string? BucketOf(string service, string operation) => PublishedRates.Find(service, operation)?.Bucket;

        BucketOf("ec2", "DescribeVpcs").ShouldNotBe(BucketOf("ec2", "DescribeImageAttribute"));
        BucketOf("lambda", "GetFunctionConcurrency").ShouldBe(BucketOf("lambda", "ListTags"));
        BucketOf("lambda", "GetPolicy").ShouldNotBe(BucketOf("lambda", "ListTags"));
        BucketOf("route53", "ListHostedZones").ShouldBe(BucketOf("route53", "ListTagsForResource"));
        BucketOf("iam", "ListUsers").ShouldBeNull();
    }

    private static async Task PassAsync(AdaptiveLimiter limiter, FakeClock clock, int calls, TimeSpan every)
    {
        for (var i = 0; i < calls; i++)
        {
            clock.Advance(every);
            var lease = limiter.AcquireAsync(default);
            while (!lease.IsCompleted)
            {
                clock.Advance(TimeSpan.FromMilliseconds(10));
                await Task.Yield();
            }

            (await lease).Passed();
        }
    }
}
