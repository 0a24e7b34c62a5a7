using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.SecurityHub;

/// <summary>
/// Sends findings to Security Hub: the only call of Qrie that changes something in an account. Catalogs and people cannot make it, because its model is not
/// among theirs.
/// </summary>
public sealed class SecurityHubImport : IDisposable
{
    /// <summary>The maximum number of findings in a call.</summary>
    public const int MaxFindings = 100;

    private const string Service = "securityhub";

    private readonly Lazy<AwsEngine> _engine;

    internal SecurityHubImport(AwsEngine engine) => _engine = new Lazy<AwsEngine>(() => engine.With(
        ModelCatalog.Open([.. ModelCatalog.ShippedFolders(null), Path.Combine(AppContext.BaseDirectory, Service)])));

    /// <summary>Sends findings in ASFF, at most <see cref="MaxFindings"/>, of the account and region.</summary>
    public async Task<ImportOutcome> SendAsync(AwsPrincipal principal, string region, IReadOnlyList<JsonElement> findings, CancellationToken cancel)
    {
        var call = new AwsCall(principal, region, Service, "BatchImportFindings", JsonSerializer.SerializeToElement(new { Findings = findings }));
        var result = await _engine.Value.SendAsync(call, redactor: null, cancel);
        if (result.Error is { } error)
        {
            return new ImportOutcome(0, [], error);
        }

        var failed = result.Content.TryGetProperty("FailedFindings", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
        return new ImportOutcome(
            result.Content.GetProperty("SuccessCount").GetInt32(),
            [.. failed.Select(f => new RefusedFinding(Text(f, "Id"), Text(f, "ErrorCode"), Text(f, "ErrorMessage")))], null);
    }

    public void Dispose()
    {
        if (_engine.IsValueCreated)
        {
            _engine.Value.Dispose();
        }
    }

    private static string Text(JsonElement from, string name) => from.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";
}

/// <summary>The result of a call.</summary>
/// <param name="Error">Why nothing was imported; null if the call succeeded.</param>
public sealed record ImportOutcome(int Imported, IReadOnlyList<RefusedFinding> Refused, AwsError? Error);

/// <summary>A finding that Security Hub did not accept.</summary>
public sealed record RefusedFinding(string Id, string Code, string Message);
