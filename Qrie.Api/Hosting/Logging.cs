using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;
using ILogger = Serilog.ILogger;

namespace Qrie.Api.Hosting;

internal static class Logging
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u3} {Correlation}{Message:lj}{NewLine}{Exception}";

    /// <summary>
    /// Serilog to the console: every line of a scan begins with <c>[scan_id]</c>, every line of a request with <c>[request id]</c>. With
    /// <c>Logging:Format=json</c>, one JSON object per line with the ids as properties.
    /// </summary>
    /// <exception cref="StartRefusedException">The format is neither of the two.</exception>
    public static void AddQrieLogging(this WebApplicationBuilder builder)
    {
        var json = builder.Configuration["Logging:Format"]?.ToLowerInvariant() switch
        {
            null or "" or "text" => false,
            "json" => true,
            var other => throw new StartRefusedException($"Logging:Format is '{other}'; it must be text or json."),
        };
        builder.Logging.ClearProviders();
        // The static logger is not used, because a process may have several hosts: the first that stops would close the others' logger. Additional logger
        // providers, such as those of tests, receive the lines too.
        builder.Host.UseSerilog(
            (context, logger) =>
            {
                logger.ReadFrom.Configuration(context.Configuration).Enrich.FromLogContext();
                if (json)
                {
                    logger.WriteTo.Console(new CompactJsonFormatter());
                }
                else
                {
                    logger.Enrich.With<Correlation>().WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture);
                }
            },
            preserveStaticLogger: true,
            writeToProviders: true);
    }

    /// <summary>One debug line per request, with status and time. Failures are logged where they are handled.</summary>
    public static void UseRequestLines(this WebApplication app) => app.UseSerilogRequestLogging(o =>
    {
        o.Logger = app.Services.GetRequiredService<ILogger>(); // the default is the static logger, which writes nothing
        o.GetLevel = (_, _, _) => LogEventLevel.Debug;
    });

    private sealed class Correlation : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            var id = logEvent.Properties.GetValueOrDefault("ScanId") ?? logEvent.Properties.GetValueOrDefault("RequestId");
            var text = id is ScalarValue { Value: string value } ? $"[{value}] " : "";
            logEvent.AddOrUpdateProperty(new LogEventProperty("Correlation", new ScalarValue(text)));
        }
    }
}
