using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;

namespace Qrie.Api.Recording;

/// <summary>
/// <c>Aws:RecordTo</c>: keeps every answer of AWS in a folder, redacted as everything is, and writes it when the process stops. Such a folder
/// is what <c>--demo</c> replays.
/// </summary>
internal static class RecordingMode
{
    public static void AddRecording(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration["Aws:RecordTo"] is not { Length: > 0 } folder)
        {
            return;
        }

        services.AddSingleton(p => new RecordingAwsApi(p.GetRequiredService<AwsApi>(), folder));
        services.AddSingleton<IAwsApi>(p => p.GetRequiredService<RecordingAwsApi>());
        services.AddHostedService<SaveAtStop>();
    }

    private sealed class SaveAtStop(RecordingAwsApi recording) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => recording.SaveAsync(CancellationToken.None);
    }
}
