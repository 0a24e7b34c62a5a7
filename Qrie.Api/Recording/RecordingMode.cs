using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;

namespace Qrie.Api.Recording;

/// <summary>
/// <c>Aws:RecordTo</c>: records every response of AWS, redacted, and writes it to a folder when the process stops. <c>--demo</c> replays such folders.
/// <c>Aws:RecordRewrite:&lt;old&gt;</c> = new: account ids and other text to replace in them, including ARNs, names and file paths.
/// </summary>
internal static class RecordingMode
{
    public static void AddRecording(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration["Aws:RecordTo"] is not { Length: > 0 } folder)
        {
            return;
        }

        var replacements = configuration.GetSection("Aws:RecordRewrite").GetChildren()
            .Where(r => r.Value is not null).Select(r => KeyValuePair.Create(r.Key, r.Value!));
        services.AddSingleton(p => new RecordingAwsApi(p.GetRequiredService<AwsApi>(), folder, new RecordingRewrite(replacements)));
        services.AddSingleton<IAwsApi>(p => p.GetRequiredService<RecordingAwsApi>());
        services.AddHostedService<SaveAtStop>();
    }

    private sealed class SaveAtStop(RecordingAwsApi recording) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => recording.SaveAsync(CancellationToken.None);
    }
}
