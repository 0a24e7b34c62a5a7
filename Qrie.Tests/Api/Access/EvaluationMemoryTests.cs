using System.Net;
using System.Text.Json;
using Qrie.Tests.Api.Operations;

namespace Qrie.Tests.Api.Access;

/// <summary>The limit of what one evaluation may allocate.</summary>
[Collection(ProcessMetrics.Collection)] // the memory of the process
public sealed class EvaluationMemoryTests
{
    private const long Tolerated = 128L * 1024 * 1024;

    [Theory]
    [InlineData("L[*].length(join('',[$s,$s]))", 400_000, "together")]
    [InlineData("length(join('',[$s,$s])|join('',[@,@])|join('',[@,@]))", 200_000, "1048576 characters")]
    public async Task An_evaluation_that_builds_too_much_is_stopped_and_its_memory_is_released(string expression, int length, string says)
    {
        await using var qrie = await RunningQrie.StartAsync();
        var body = JsonSerializer.Serialize(new
        {
            expression,
            configuration = new { L = Enumerable.Range(0, 100) },
            @params = new { s = new string('x', length) },
        });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 5; i++)
        {
            var (status, problem) = await qrie.PostTextAsync("/policies/evaluate", body);
            status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
            problem.GetProperty("message").GetString()!.ShouldContain(says);
        }

        // Each builds up to 64 million characters.
        var held = Held();
        for (var i = 0; i < 600 && held >= Tolerated; i++)
        {
            await Task.Delay(50);
            held = Held();
        }

        held.ShouldBeLessThan(Tolerated);

        long Held() => GC.GetTotalMemory(forceFullCollection: true) - before;
    }
}
