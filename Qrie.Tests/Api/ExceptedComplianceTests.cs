using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Api;

/// <summary>What an exception does to scores, requirements and reports.</summary>
public sealed class ExceptedComplianceTests
{
    private const string Insecure = "S3BucketInsecureTransportAllowed";
    private const string Requirement = "/frameworks/cis-5.0/requirements/2.1.1";

    [Fact]
    public async Task An_excepted_pair_leaves_the_denominator_and_is_shown_as_such()
    {
        await using var qrie = await RunningQrie.StartAsync(
            new ScriptedCollector().With("""{"Name":"x","Policy":null}""", "site", "data")
                .With("""{"Name":"x","_unknown":{"Policy":"AccessDenied"}}""", "hidden"));
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.LaunchAsync(Insecure);
        var before = Pairs((await qrie.GetAsync("/frameworks/cis-5.0")).Body.GetProperty("score"));
        before.ShouldBe((0, 2, 1, 0, 3));

        var (status, made) = await qrie.PostAsync(
            "/exceptions",
            new { policy_id = Insecure, arn = "arn:aws:s3:::site", owner = "web", reason = "Public", expires_at = DateTimeOffset.UtcNow.AddDays(10) });
        status.ShouldBe(HttpStatusCode.Created, made.ToString());
        var path = $"/exceptions/{made.GetProperty("exception_id").GetString()}";
        for (var i = 0; i < 1000 && (await qrie.GetAsync(path)).Body.GetProperty("pending").GetBoolean(); i++)
        {
            await Task.Delay(10);
        }

        Pairs((await qrie.GetAsync("/frameworks/cis-5.0")).Body.GetProperty("score")).ShouldBe((0, 1, 1, 1, 2));
        var requirement = (await qrie.GetAsync($"{Requirement}?verdict=excepted")).Body;
        requirement.GetProperty("requirement").GetProperty("state").GetString().ShouldBe("failed");
        var pair = requirement.GetProperty("pairs").EnumerateArray().Single();
        pair.GetProperty("arn").GetString().ShouldBe("arn:aws:s3:::site");
        (await qrie.GetAsync($"/findings/{pair.GetProperty("finding_id").GetString()}")).Body.GetProperty("state").GetString().ShouldBe("SUPPRESSED");
        (await qrie.GetAsync($"{Requirement}?verdict=fail")).Body.GetProperty("pairs").EnumerateArray().Single().GetProperty("arn").GetString()
            .ShouldBe("arn:aws:s3:::data");
        (await qrie.Http.GetStringAsync("/frameworks/cis-5.0/report")).ShouldContain("Failing but accepted by exceptions, and not counted: 1.");
    }

    private static (int Passed, int Failed, int Unknown, int Excepted, int Denominator) Pairs(JsonElement score)
    {
        int Of(string name) => score.GetProperty("pairs").GetProperty(name).GetInt32();
        return (Of("passed"), Of("failed"), Of("unknown"), Of("excepted"), Of("denominator"));
    }
}
