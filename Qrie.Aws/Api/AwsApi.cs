using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api;

/// <summary>The engine's door for catalogs and people: harmless reads only, and no secret gets out.</summary>
public sealed class AwsApi : IAwsApi
{
    private readonly AwsEngine _engine;
    private readonly ModelCatalog _models;
    private readonly ReadList _reads;
    private readonly Redactor _redactor;

    internal AwsApi(AwsEngine engine, ModelCatalog models, ReadList reads, Redactor redactor)
    {
        _engine = engine;
        _models = models;
        _reads = reads;
        _redactor = redactor;
    }

    /// <inheritdoc/>
    /// <exception cref="AwsCallException">There is no such service, operation or parameter.</exception>
    /// <exception cref="OperationRefusedException">The operation changes something, or answers customers' data or secrets.</exception>
    public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        _reads.Check(_models, call.Service, call.Operation);
        return _engine.SendAsync(call, _redactor, cancel);
    }
}
