using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Observability;

namespace Qrie.Tests.Api.Operations;

/// <summary>What the alarms are made from.</summary>
public sealed class InstallationStateTests
{
    [Fact]
    public async Task A_failed_scan_is_counted_however_many_ended_after_it()
    {
        var aws = new ScriptedCollector { Gate = _ => throw new InvalidOperationException("not today") }.With("""{"Name":"x"}""", "a");
        await using var qrie = await RunningQrie.StartAsync(aws);
        var began = TimeProvider.System.GetUtcNow();
        (await qrie.ScanAsync(new { kind = "inventory", service = "s3" })).GetProperty("status").GetString().ShouldBe("completed_with_errors");
        aws.Gate = null;
        for (var i = 0; i < 51; i++) // a page of scans has 50
        {
            await qrie.ScanAsync(new { kind = "inventory", service = "s3" });
        }

        var reader = qrie.Services.GetRequiredService<StateReader>();
        (await reader.ReadAsync(began, default)).FailedScans.ShouldBe(1);
        (await reader.ReadAsync(TimeProvider.System.GetUtcNow(), default)).FailedScans.ShouldBe(0);
    }
}
