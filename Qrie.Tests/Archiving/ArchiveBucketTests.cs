using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Archives;
using Qrie.Aws;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Management;
using Qrie.Tests.Alerts;
using Qrie.Tests.Api;
using Qrie.Tests.Cli;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Archiving;

/// <summary>Archives in the emulator's S3.</summary>
public sealed class ArchiveBucketTests
{
    [EmulatorFact]
    public async Task A_purge_is_archived_first_and_its_archive_can_be_read_without_the_service()
    {
        await using var proxy = await FaultProxy.StartAsync();
        var bucket = Estate.Create().Unique("archive");
        await Estate.Of(MotoServer.BaseAccount).DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        await using var qrie = await RunningQrie.StartAtAsync(
            proxy.Url, builder => AlertWorld.WithoutWorkers(builder.Services), store: null, $"--Archive:Bucket={bucket}", "--Archive:Prefix=copies/of");
        await qrie.LaunchQuietlyAsync(Some.Public);
        var resources = new[] { StoredWorld.Bucket("a"), StoredWorld.Bucket("b") };
        await qrie.WriteAsync(resources);
        await qrie.EvaluateAsync(resources, Some.Fails());
        proxy.On("*").About(bucket).AccessDenied();
        var purger = qrie.Services.GetRequiredService<AccountPurger>();

        await purger.BeginAsync(Some.Org, StoredWorld.Account, default);
        await purger.RunAsync(default);
        var failed = await ArchivesAsync(qrie);
        (await qrie.AllAsync($"/findings?account={StoredWorld.Account}&include_removed=true", "findings")).Count.ShouldBe(2);
        var warnings = (await qrie.GetAsync("/health")).Body.GetProperty("warnings").ToString();
        proxy.Heal();
        await purger.RunAsync(default);

        (await qrie.AllAsync($"/findings?account={StoredWorld.Account}&include_removed=true", "findings")).ShouldBeEmpty();
        failed.Single().GetProperty("status").GetString().ShouldBe("failed");
        failed.Single().GetProperty("error").GetString()!.ShouldContain("AccessDenied");
        warnings.ShouldContain(StoredWorld.Account);
        var archived = (await ArchivesAsync(qrie)).Single();
        (archived.GetProperty("status").GetString(), archived.GetProperty("reason").GetString(), archived.GetProperty("findings").GetInt32())
            .ShouldBe(("completed", "purge", 2));
        var id = archived.GetProperty("archive_id").GetString()!;
        var list = await RunAsync(proxy.Url, bucket, "list");
        list.Code.ShouldBe(0, list.ToString());
        list.Output.ShouldContain(id);
        list.Output.ShouldContain("2 findings");
        var show = await RunAsync(proxy.Url, bucket, "show", id, "--policy", Some.Public);
        show.Code.ShouldBe(0, show.ToString());
        show.Lines.Select(l => JsonElement.Parse(l).GetProperty("arn").GetString()).ShouldBe([Some.ArnOf("a"), Some.ArnOf("b")]);
        show.Errors.ShouldContain("2 of 2 findings");

        await Estate.Of(MotoServer.BaseAccount).DoAsync(
            "s3", "PutObject", new { Bucket = bucket, Key = $"copies/of/default/{id}/findings-00001.jsonl.gz", Body = "AAAA" });
        var damaged = await RunAsync(proxy.Url, bucket, "show", id);
        (damaged.Code, damaged.Output).ShouldBe((1, ""));
        damaged.Errors.ShouldContain("damaged");
        (await RunAsync(proxy.Url, bucket, "show", Guid.Empty.ToString())).Errors.ShouldContain("no manifest");
    }

    [Fact]
    public async Task Without_a_bucket_a_request_is_refused_with_the_setting()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var (status, body) = await qrie.PostAsync("/archive", new { });

        (status, body.GetProperty("message").GetString()).ShouldBe(
            (HttpStatusCode.Conflict, "There is no bucket for archives: set Archive:Bucket, and restart Qrie."));
        (await qrie.PostAsync("/archive", new { account_id = "999999999999" })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await qrie.GetAsync("/archive")).Body.GetProperty("archives").GetArrayLength().ShouldBe(0);
    }

    private static async Task<List<JsonElement>> ArchivesAsync(RunningQrie qrie) => await qrie.AllAsync("/archive", "archives");

    private static Task<CommandRun> RunAsync(Uri endpoint, string bucket, params string[] args) =>
        RunCommand.OfAsync(console => ArchiveCommand.Build(console, () => Services(endpoint, bucket)), args);

    /// <summary>As the executable makes them, with the emulator's credentials.</summary>
    private static ServiceProvider Services(Uri endpoint, string bucket)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Aws:Endpoint"] = endpoint.ToString(),
            ["Archive:Bucket"] = bucket,
            ["Archive:Prefix"] = "copies/of/",
        }).Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddQrieAws(configuration)
            .AddSingleton(p => new AwsEngine(
                p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>(),
                p.GetRequiredService<CallMeter>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<AwsApi>>(),
                EmulatedAws.TestCredentials))
            .BuildServiceProvider();
    }
}
