using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api;

/// <summary>The engine for catalogs and people: only allowed reads, with secrets redacted.</summary>
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
    /// <exception cref="AwsCallException">The service, operation or parameter does not exist.</exception>
    /// <exception cref="OperationRefusedException">The operation changes something, or returns customer data or secrets.</exception>
    public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        _reads.Check(_models, call.Service, call.Operation);
        return _engine.SendAsync(call, _redactor, cancel);
    }
}
