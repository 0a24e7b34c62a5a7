using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Qrie.Benchmarks.Inventory.Proxy;

/// <summary>
/// The process that stands between Qrie and the emulator in <c>inventory --latency</c>: it keeps the emulator's answers, so that measured runs do not wait for
/// it, and gives each of them after the same time, as a distant server would.
/// </summary>
internal sealed class ProxyWorkload : IWorkload
{
    public string Name => "aws-proxy";

    public string Description => "used by inventory --latency: --upstream URL --account ID";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var arguments = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        using var answers = new CachedAnswers(new Uri(arguments["--upstream"]), new Impersonation(arguments["--account"]));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Run(context => AnswerAsync(context, answers));
        await app.StartAsync();
        await Console.Out.WriteLineAsync(app.Urls.Single());

        // The parent closes the pipe when it ends, for whatever reason.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }

    private static async Task AnswerAsync(HttpContext context, CachedAnswers answers)
    {
        if (context.Request.Path.StartsWithSegments(ProxyProcess.Control, out var command))
        {
            await ControlAsync(context, answers, command.Value!);
            return;
        }

        var began = Stopwatch.GetTimestamp();
        var answer = await answers.AnswerAsync(await ProxiedRequest.ReadAsync(context), context.RequestAborted);
        if (answers.Latency - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, TimeProvider.System, context.RequestAborted);
        }

        await answer.WriteAsync(context.Response);
    }

    private static async Task ControlAsync(HttpContext context, CachedAnswers answers, string command)
    {
        if (command == "/reset")
        {
            answers.Reset(TimeSpan.FromMilliseconds(double.Parse(context.Request.Query["latency"]!, CultureInfo.InvariantCulture)));
        }

        await context.Response.WriteAsJsonAsync(answers.Counts);
    }
}
