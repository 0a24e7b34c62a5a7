using Qrie.Api.Workers;
using Qrie.Domain.Alerts;

namespace Qrie.Api.Alerts;

internal static class AlertServices
{
    /// <summary>Registers the channels and the workers.</summary>
    public static void AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = AlertSettings.Read(configuration);
        services.AddSingleton(settings);
        services.AddSingleton(settings.Links);
        services.AddSingleton<TargetClient>(_ => new TargetClient(settings));
        services.AddSingleton<IAlertChannel, SnsChannel>();
        services.AddSingleton<IAlertChannel, WebhookChannel>();
        services.AddSingleton<IAlertChannel, SlackChannel>();
        services.AddSingleton<IAlertChannel, EmailChannel>();
        services.AddSingleton<AlertRules>();
        services.AddSingleton<AlertRuleReader>();
        services.AddSingleton<AlertSender>();
        services.AddSingleton<AlertMatcher>();
        services.AddSingleton<AlertDeliverer>();
        services.AddHostedService<AlertMatchingWorker>();
        services.AddHostedService<AlertDeliveryWorker>();
    }
}
