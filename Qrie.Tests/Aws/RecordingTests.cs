using System.IO.Compression;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Aws;

public sealed class RecordingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-recording-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_compressed_recording_is_replayed_like_a_plain_one()
    {
        var call = new AwsCall(new AwsPrincipal("123456789012"), "eu-west-1", "sqs", "ListQueues");
        var file = Path.Combine(_folder, "123456789012", "eu-west-1", "sqs.json.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using (var gzip = new GZipStream(File.Create(file), CompressionLevel.Optimal))
        {
            await gzip.WriteAsync("""[{"operation": "ListQueues", "answers": [{"content": {"QueueUrls": ["q"]}}]}]"""u8.ToArray());
        }

        var response = await new ReplayAwsApi(_folder, new FakeClock(DateTimeOffset.UnixEpoch)).CallAsync(call, default);

        response.Content.GetProperty("QueueUrls")[0].GetString().ShouldBe("q");
    }

    [EmulatorFact]
    public async Task Replay_equals_live_for_every_recorded_call_and_error()
    {
        using var aws = await EmulatedAws.StartAsync();
        var estate = Estate.Create();
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("b") });
        AwsCall[] calls =
        [
            estate.Call("s3", "ListBuckets"),
            estate.Call("s3", "GetBucketAcl", new { Bucket = estate.Unique("b") }),
            estate.Call("s3", "GetBucketPolicy", new { Bucket = estate.Unique("b") }),
            estate.Call("ec2", "DescribeVpcs", new { Filters = new[] { new { Values = new[] { "true" }, Name = "is-default" } } }, "eu-west-1"),
        ];
        var recorder = new RecordingAwsApi(aws.Api, _folder);
        var live = await Task.WhenAll(calls.Select(c => recorder.CallAsync(c, default)));
        await recorder.SaveAsync(default);

        var clock = new FakeClock(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var replay = new ReplayAwsApi(_folder, clock);
        var replayed = await Task.WhenAll(calls.Select(c => replay.CallAsync(c, default)));

        foreach (var (was, now) in live.Zip(replayed))
        {
            JsonText(now).ShouldBe(JsonText(was));
            (now.Error?.Kind, now.Error?.Code, now.Error?.Message, now.Error?.HttpStatus)
                .ShouldBe((was.Error?.Kind, was.Error?.Code, was.Error?.Message, was.Error?.HttpStatus));
            now.SentAt.ShouldBe(clock.GetUtcNow());
        }

        replay.Missing.ShouldBeEmpty();
    }

    [Fact]
    public async Task Times_in_responses_are_moved_by_the_time_since_the_recording()
    {
        var call = new AwsCall(new AwsPrincipal("111122223333"), "us-east-1", "iam", "GetRole", default);
        var file = Path.Combine(_folder, "111122223333", "us-east-1", "iam.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        const string Answers = """
            [{"operation":"GetRole","answers":[{"content":{"Made":"2026-01-31T10:00:00+00:00","Used":"2026-01-31T10:00:00.123Z","Version":"2012-10-17",
            "Text":"since 2026-01-31T10:00:00Z","Never":"9999-12-31T23:59:59Z","None":"2026-02-31T10:00:00Z","Name":"Zoë",
            "Reason":"User initiated (2026-01-31 10:00:00 GMT)","Date":"2026-01-31 10:00:00"}}]}]
            """;
        await File.WriteAllTextAsync(file, Answers);
        var recordedAt = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);
        var clock = new FakeClock(recordedAt.AddDays(365));
        var replay = new ReplayAwsApi(_folder, clock, recordedAt);

        var answer = await replay.CallAsync(call, default);
        clock.Advance(TimeSpan.FromDays(1));
        var later = await replay.CallAsync(call, default);

        answer.Content.GetProperty("Made").GetString().ShouldBe("2027-01-31T10:00:00+00:00");
        answer.Content.GetProperty("Used").GetString().ShouldBe("2027-01-31T10:00:00.123Z");
        answer.Content.GetProperty("Version").GetString().ShouldBe("2012-10-17");
        answer.Content.GetProperty("Text").GetString().ShouldBe("since 2026-01-31T10:00:00Z");
        answer.Content.GetProperty("Never").GetString().ShouldBe("9999-12-31T23:59:59Z");
        answer.Content.GetProperty("None").GetString().ShouldBe("2026-02-31T10:00:00Z");
        answer.Content.GetProperty("Name").GetString().ShouldBe("Zoë");
        answer.Content.GetProperty("Reason").GetString().ShouldBe("User initiated (2027-01-31 10:00:00 GMT)");
        answer.Content.GetProperty("Date").GetString().ShouldBe("2026-01-31 10:00:00");

        // Repeated responses are equal, so that nothing seems to change between two scans.
        later.Content.GetRawText().ShouldBe(answer.Content.GetRawText());
    }

    [Fact]
    public async Task Times_in_a_base64_document_are_moved_too()
    {
        static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
        var call = new AwsCall(new AwsPrincipal("111122223333"), "us-east-1", "iam", "GetCredentialReport", default);
        var other = Base64("not a time: 2026-01-31, and nothing else that is one; Zoë");
        var report = Base64("user,created,last_used\nZoë,2026-01-31T10:00:00+00:00,2026-01-30T00:00:00Z\nroot,no_information,2026-01-30\n");
        Keep("1", call, $$"""{"Content":"{{report}}","Other":"{{other}}","NoBase64":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""");
        var recordedAt = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);
        var replay = new ReplayAwsApi(Path.Combine(_folder, "1"), new FakeClock(recordedAt.AddDays(365)), recordedAt);

        var answer = (await replay.CallAsync(call, default)).Content;

        answer.GetProperty("Content").GetString()
            .ShouldBe(Base64("user,created,last_used\nZoë,2027-01-31T10:00:00+00:00,2027-01-30T00:00:00Z\nroot,no_information,2026-01-30\n"));
        answer.GetProperty("Other").GetString().ShouldBe(other);
        answer.GetProperty("NoBase64").GetString()!.Length.ShouldBe(61);
    }

    [Fact]
    public async Task The_newest_layer_in_use_with_the_call_is_replayed()
    {
        var principal = new AwsPrincipal("111122223333");
        var (users, roles, groups) = (new AwsCall(principal, "us-east-1", "iam", "ListUsers"), new AwsCall(
            principal, "us-east-1", "iam", "ListRoles"), new AwsCall(principal, "us-east-1", "iam", "ListGroups"));
        Keep("0", users, """{"Users":["old"]}""");
        Keep("1", users, """{"Users":["new"]}""");
        Directory.CreateDirectory(Path.Combine(_folder, "2"));
        Keep("3", roles, """{"Roles":["newest"]}""");
        var replay = new LayeredReplay([.. Enumerable.Range(0, 4).Select(n => new ReplayAwsApi(Path.Combine(_folder, $"{n}"), new FakeClock()))]);

        JsonText(await replay.CallAsync(users, default))!.ShouldContain("new");
        JsonText(await replay.CallAsync(roles, default))!.ShouldContain("newest");
        (await replay.CallAsync(groups, default)).Error!.Code.ShouldBe(ReplayAwsApi.NotRecorded);
        replay.Current = 0;
        JsonText(await replay.CallAsync(users, default))!.ShouldContain("old");
        (await replay.CallAsync(roles, default)).Error!.Code.ShouldBe(ReplayAwsApi.NotRecorded, "later recordings are not in use yet");
        Should.Throw<ArgumentOutOfRangeException>(() => replay.Current = 4);
    }

    [EmulatorFact]
    public async Task Recording_the_same_calls_again_results_in_the_same_files()
    {
        using var aws = await EmulatedAws.StartAsync();
        var estate = Estate.Create();
        foreach (var round in new[] { 1, 2 })
        {
            var recorder = new RecordingAwsApi(aws.Api, Path.Combine(_folder, $"{round}"));
            AwsCall[] calls = [estate.Call("kms", "ListKeys"), estate.Call("kms", "ListAliases"), estate.Call("iam", "ListUsers")];
            await Task.WhenAll((round == 1 ? calls : calls.Reverse()).Select(c => recorder.CallAsync(c, default)));
            await recorder.SaveAsync(default);
        }

        var files = Directory.EnumerateFiles(Path.Combine(_folder, "1"), "*", SearchOption.AllDirectories).ToList();
        files.Select(f => Path.GetRelativePath(Path.Combine(_folder, "1"), f)).Order()
            .ShouldBe([$"{estate.AccountId}/us-east-1/iam.json", $"{estate.AccountId}/us-east-1/kms.json"]);
        files.ShouldAllBe(f => File.ReadAllText(f) == File.ReadAllText(f.Replace($"{_folder}/1/", $"{_folder}/2/")));
    }

    [EmulatorFact]
    public async Task Account_ids_and_names_are_rewritten_everywhere()
    {
        using var aws = await EmulatedAws.StartAsync();
        var estate = Estate.Create();
        var bucket = estate.Unique("secret-project");
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        await estate.DoAsync("iam", "CreateUser", new { UserName = "someone" });
        var rewrite = new RecordingRewrite(new Dictionary<string, string> { [estate.AccountId] = "111122223333", [bucket] = "sample-bucket" });
        var recorder = new RecordingAwsApi(aws.Api, _folder, rewrite);
        await recorder.CallAsync(estate.Call("s3", "GetBucketAcl", new { Bucket = bucket }), default);
        await recorder.CallAsync(estate.Call("iam", "ListUsers"), default);
        await recorder.SaveAsync(default);

        var principal = new AwsPrincipal("111122223333");
        var replay = new ReplayAwsApi(_folder, TimeProvider.System);
        var acl = await replay.CallAsync(
            new AwsCall(principal, "us-east-1", "s3", "GetBucketAcl", JsonSerializer.SerializeToElement(new { Bucket = "sample-bucket" })), default);
        var users = await replay.CallAsync(new AwsCall(principal, "us-east-1", "iam", "ListUsers"), default);

        acl.Error.ShouldBeNull();
        users.Content.GetProperty("Users")[0].GetProperty("Arn").GetString().ShouldBe("arn:aws:iam::111122223333:user/someone");
        var all = string.Concat(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(f => f + File.ReadAllText(f)));
        all.ShouldNotContain(estate.AccountId);
        all.ShouldNotContain("secret-project");
    }

    [Fact]
    public void An_account_id_within_a_longer_number_is_not_replaced()
    {
        var rewrite = new RecordingRewrite(new Dictionary<string, string> { ["123456789012"] = "111111111111" });

        rewrite.Apply("arn:aws:iam::123456789012:user/1123456789012 123456789012").ShouldBe("arn:aws:iam::111111111111:user/1123456789012 111111111111");
    }

    [Fact]
    public async Task An_unrecorded_call_is_an_error_with_a_code_of_its_own()
    {
        var replay = new ReplayAwsApi(_folder, TimeProvider.System);
        var call = new AwsCall(new AwsPrincipal("111111111111"), "us-east-1", "s3", "ListBuckets");

        var answer = await replay.CallAsync(call, default);

        answer.Error!.Code.ShouldBe(ReplayAwsApi.NotRecorded);
        replay.Missing.ShouldBe([call]);
        (await Should.ThrowAsync<AwsCallException>(() => new ReplayAwsApi(_folder, TimeProvider.System, isStrict: true).CallAsync(call, default)))
            .Message.ShouldContain("s3:ListBuckets (111111111111, us-east-1) with {} was not recorded");
    }

    [Fact]
    public async Task Different_responses_to_a_call_are_replayed_in_order()
    {
        var answers = new Queue<string>(["STARTED", "STARTED", "COMPLETE"]);
        var recorder = new RecordingAwsApi(new Scripted(() => answers.Dequeue()), _folder);
        var call = new AwsCall(new AwsPrincipal("111111111111"), "us-east-1", "iam", "GenerateCredentialReport");
        for (var i = 0; i < 3; i++)
        {
            await recorder.CallAsync(call, default);
        }

        await recorder.SaveAsync(default);

        var replay = new ReplayAwsApi(_folder, TimeProvider.System);
        var states = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            states.Add((await replay.CallAsync(call, default)).Content.GetProperty("State").GetString());
        }

        states.ShouldBe(["STARTED", "COMPLETE", "COMPLETE"]);
    }

    private void Keep(string layer, AwsCall call, string content)
    {
        var file = Path.Combine(_folder, layer, call.Principal.AccountId, call.Region, call.Service + ".json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $$"""[{"operation":"{{call.Operation}}","answers":[{"content":{{content}}}]}]""");
    }

    private static string? JsonText(AwsResult answer) => answer.Error is null ? JsonSerializer.Serialize(answer.Content) : null;

    private sealed class Scripted(Func<string> next) : IAwsApi
    {
        public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel) =>
            Task.FromResult(AwsResult.Success(JsonSerializer.SerializeToElement(new { State = next() }), DateTimeOffset.UnixEpoch, "request"));
    }
}
