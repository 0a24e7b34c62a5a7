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
        trail.RecordNewAsync(Act(organization, subject), write, result => made(result).Select(m => (m.Subject, Json(m.After))), cancel);

    private AuditAct Act(string? organization, string subject) => new(organization ?? caller.Organization, caller.Actor, action, subject);

    private static JsonElement? Json(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, ApiJson.Options);
}
