using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Qrie.Api.Hosting;

internal static class Logging
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u3} {Correlation}{Message:lj}{NewLine}{Exception}";

    /// <summary>Serilog to the console: every line of a scan begins with <c>[scan_id]</c>, every line of a request with <c>[request id]</c>.</summary>
    public static void AddQrieLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(
            new LoggerConfiguration()
                .ReadFrom.Configuration(builder.Configuration)
                .Enrich.FromLogContext()
                .Enrich.With<Correlation>()
                .WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture)
                .CreateLogger(),
            dispose: true);
    }

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
