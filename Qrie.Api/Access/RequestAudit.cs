using System.Reflection;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access.Audit;

namespace Qrie.Api.Access;

/// <summary>Records what an endpoint writes, by its caller and under its name. What is shown to it must hold no secrets.</summary>
internal sealed class RequestAudit(AuditTrail trail, Caller caller, string action)
{
    public static ValueTask<RequestAudit?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<RequestAudit?>(new RequestAudit(
        context.RequestServices.GetRequiredService<AuditTrail>(), Caller.Of(context),
        context.GetEndpoint()?.Metadata.GetMetadata<AuditedAs>()?.Action
            ?? throw new InvalidOperationException($"{context.Request.Path} does not say what it writes.")));

    /// <summary>A change of something that has an id.</summary>
    /// <param name="read">The subject as it is; null: it is not there. Called before and after.</param>
    public Task<T> ChangeAsync<T>(
        string subject, Func<CancellationToken, Task<object?>> read, Func<Task<T>> write, CancellationToken cancel, string? organization = null) =>
        trail.RecordAsync(Act(organization, subject), async token => Json(await read(token)), write, cancel);

    /// <summary>Something new, or several.</summary>
    /// <param name="made">What came of it, by id.</param>
    public Task<T> MakeAsync<T>(
        string subject, Func<Task<T>> write, Func<T, IEnumerable<(string Subject, object? After)>> made,
        CancellationToken cancel, string? organization = null) =>
        trail.RecordEachAsync(Act(organization, subject), write, result => made(result).Select(m => (m.Subject, (JsonElement?)null, Json(m.After))), cancel);

    /// <summary>Changes of several, which only the write itself can tell.</summary>
    /// <param name="changed">What they were and became, by id; null: it was not there.</param>
    public Task<T> ChangeEachAsync<T>(
        Func<Task<T>> write, Func<T, IEnumerable<(string Subject, object? Before, object? After)>> changed, CancellationToken cancel) =>
        trail.RecordEachAsync(Act(null, ""), write, result => changed(result).Select(c => (c.Subject, Json(c.Before), Json(c.After))), cancel);

    private AuditAct Act(string? organization, string subject) => new(organization ?? caller.Organization, caller.Actor, action, subject);

    private static JsonElement? Json(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, ApiJson.Options);
}
