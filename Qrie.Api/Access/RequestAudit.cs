using System.Reflection;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access.Audit;

namespace Qrie.Api.Access;

/// <summary>Records the writes of an endpoint with its caller and action. The recorded values must not contain secrets.</summary>
internal sealed class RequestAudit(AuditTrail trail, Caller caller, string action)
{
    public static ValueTask<RequestAudit?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<RequestAudit?>(new RequestAudit(
        context.RequestServices.GetRequiredService<AuditTrail>(), Caller.Of(context),
        context.GetEndpoint()?.Metadata.GetMetadata<AuditedAs>()?.Action
            ?? throw new InvalidOperationException($"{context.Request.Path} has no audit action.")));

    /// <summary>A change of an object with an id.</summary>
    /// <param name="read">Reads the subject; null if it does not exist. Called before and after the change.</param>
    public Task<T> ChangeAsync<T>(
        string subject, Func<CancellationToken, Task<object?>> read, Func<Task<T>> write, CancellationToken cancel, string? organization = null) =>
        trail.RecordAsync(Act(organization, subject), async token => Json(await read(token)), write, cancel);

    /// <summary>The creation of one or several objects.</summary>
    /// <param name="made">The created objects, by id.</param>
    public Task<T> MakeAsync<T>(
        string subject, Func<Task<T>> write, Func<T, IEnumerable<(string Subject, object? After)>> made,
        CancellationToken cancel, string? organization = null) =>
        trail.RecordEachAsync(Act(organization, subject), write, result => made(result).Select(m => (m.Subject, (JsonElement?)null, Json(m.After))), cancel);

    /// <summary>Changes of several objects, which are known only after the write.</summary>
    /// <param name="changed">The old and new values, by id; null if it did not exist.</param>
    public Task<T> ChangeEachAsync<T>(
        Func<Task<T>> write, Func<T, IEnumerable<(string Subject, object? Before, object? After)>> changed, CancellationToken cancel) =>
        trail.RecordEachAsync(Act(null, ""), write, result => changed(result).Select(c => (c.Subject, Json(c.Before), Json(c.After))), cancel);

    private AuditAct Act(string? organization, string subject) => new(organization ?? caller.Organization, caller.Actor, action, subject);

    private static JsonElement? Json(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, ApiJson.Options);
}
