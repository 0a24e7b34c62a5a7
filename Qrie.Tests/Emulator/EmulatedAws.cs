using Amazon.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Tests.Emulator;

/// <summary>The real engine, pointed at the emulator or at a proxy in front of it.</summary>
public sealed class EmulatedAws : IDisposable
{
    private static readonly Lazy<ModelCatalog> _models = new(() => ModelCatalog.OpenShipped());
    private static readonly Lazy<ReadList> _reads = new(() => ReadList.OpenShipped());

    private EmulatedAws(Uri endpoint, Action<AwsApiOptions>? configure, TimeProvider? clock, RedactionRules? rules, ILogger? logger, bool redact)
    {
        Options = new AwsApiOptions { Endpoint = endpoint.ToString(), RetryDelay = TimeSpan.FromMilliseconds(20) };
        configure?.Invoke(Options);
        Engine = new AwsEngine(
            Models, Options, new AwsRegion("us-east-1"), Meter, clock ?? TimeProvider.System, logger ?? NullLogger.Instance, TestCredentials);
        Redactor = redact ? new Redactor(TestKey(), rules ?? RedactionRules.None) : null;
        Api = redact ? new AwsApi(Engine, Models, Reads, Redactor!) : new UnredactedApi(Engine);
    }

    /// <summary>The models that ship with Qrie.</summary>
    public static ModelCatalog Models => _models.Value;

    public static ReadList Reads => _reads.Value;

    public IAwsApi Api { get; }

    public AwsApiOptions Options { get; }

    public CallMeter Meter { get; } = new();

    internal AwsEngine Engine { get; }

    internal Redactor? Redactor { get; }

    /// <summary>A fixed key, so that fingerprints are predictable.</summary>
    internal static RedactionKey TestKey()
    {
        var key = new RedactionKey();
        key.Set([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        return key;
    }

    /// <summary>Credentials of the emulator's base account.</summary>
    public static Task<AWSCredentials> TestCredentials(CancellationToken cancel) =>
        Task.FromResult<AWSCredentials>(new BasicAWSCredentials("testing", "testing"));

    /// <summary>An engine on the emulator.</summary>
    public static async Task<EmulatedAws> StartAsync(
        Action<AwsApiOptions>? configure = null, TimeProvider? clock = null, RedactionRules? rules = null, ILogger? logger = null, bool redact = true) =>
        new(await MotoServer.UrlAsync(), configure, clock, rules, logger, redact);

    /// <summary>An engine on any address: a <see cref="FaultProxy"/>, a stub.</summary>
    public static EmulatedAws At(
        Uri endpoint, Action<AwsApiOptions>? configure = null, TimeProvider? clock = null,
        RedactionRules? rules = null, ILogger? logger = null, bool redact = true) =>
        new(endpoint, configure, clock, rules, logger, redact);

    public void Dispose()
    {
        Engine.Dispose();
        Meter.Dispose();
    }

    private sealed class UnredactedApi(AwsEngine engine) : IAwsApi
    {
        public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel) => engine.SendAsync(call, redactor: null, cancel);
    }
}
