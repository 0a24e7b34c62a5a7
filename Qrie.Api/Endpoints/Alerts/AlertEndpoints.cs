using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Alerts;

internal static class AlertEndpoints
{
    private static readonly string[] _settings =
        ["name", "enabled", "kinds", "policies", "min_severity", "accounts", "tags", "quiet_hours", "group_seconds", "target"];

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/alerts").WithTags("Alerts");
        group.MapGet("", ListAlerts).WithSummary("The alert rules, in the order of their creation").ProducesProblems(400).WithExample(AlertExamples.Page);
        group.MapPost("", CreateAlert).Writes(Role.Admin, AuditActions.CreateAlert)
            .WithSummary("Create an alert rule; a generated secret of a webhook is shown only once").ProducesProblems(400, 409)
            .WithRequestExample(AlertExamples.Body).WithExample(AlertExamples.Created);
        group.MapGet("/{alertId}", GetAlert).WithSummary("One alert rule").ProducesProblems(404).WithExample(AlertExamples.Alert);
        group.MapPatch("/{alertId}", ChangeAlert).Writes(Role.Admin, AuditActions.UpdateAlert)
            .WithSummary("Change some settings of an alert rule: null resets one, omitted ones stay, also the address and the secret of a target")
            .ProducesProblems(400, 404).Accepts<AlertBody>("application/json", "*/*").WithRequestExample("""{"enabled":false}""")
            .WithExample(AlertExamples.Alert);
        group.MapDelete("/{alertId}", DeleteAlert).Writes(Role.Admin, AuditActions.DeleteAlert)
            .WithSummary("Delete an alert rule with its log and with messages that are not sent yet").ProducesProblems(404);
        group.MapPost("/{alertId}/test", TestAlert).Writes(Role.Admin, AuditActions.TestAlert)
            .WithSummary("Send a test message to the target now, with one attempt").ProducesProblems(404).WithExample(AlertExamples.Delivery);
        group.MapGet("/{alertId}/deliveries", ListDeliveries).WithSummary("The messages of an alert rule, newest first").ProducesProblems(400, 404)
            .WithExample(AlertExamples.Deliveries);
    }

    private static async Task<Ok<AlertPage>> ListAlerts(
        [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, IAlertStore alerts, PageTokens tokens,
        Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var page = await tokens.ReadAsync(caller.Organization, "alerts", pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await alerts.ListAsync(caller.Organization, page, cancel);
        return TypedResults.Ok(new AlertPage(found.Items.Select(AlertView.From), await tokens.WriteAsync(caller.Organization, "alerts", found.Next)));
    }

    private static async Task<Created<CreatedAlertView>> CreateAlert(
        JsonBody<AlertBody> body, AlertRules rules, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var settings = body.Value.ToSettings();
        var made = await audit.MakeAsync(
            "", () => rules.CreateAsync(caller.Organization, settings, cancel), rule => [(rule.AlertId, AlertView.From(rule))], cancel);
        return TypedResults.Created(
            $"/alerts/{made.AlertId}", new CreatedAlertView(AlertView.From(made), settings.Target?.Secret is null ? made.Target.Secret : null));
    }

    private static async Task<Ok<AlertView>> GetAlert(string alertId, AlertRules rules, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(AlertView.From(await rules.GetAsync(caller.Organization, alertId, cancel)));

    private static async Task<Ok<AlertView>> ChangeAlert(
        string alertId, HttpContext context, AlertRules rules, IAlertStore alerts, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var named = await JsonBody.ReadAsync<Dictionary<string, JsonElement>>(context);
        var errors = new FieldErrors();
        foreach (var key in named.Keys.Where(key => !_settings.Contains(key)))
        {
            errors.Add(SafeText.Clean(key), $"{SafeText.Clean(key)} cannot be changed; name one or more of {string.Join(", ", _settings)}.");
        }

        errors.Require(named.Count > 0, "body", $"At least one field ({string.Join(", ", _settings)}) must be provided");
        errors.ThrowIfAny();
        var given = AlertBody.Of(named);
        return TypedResults.Ok(AlertView.From(await audit.ChangeAsync(
            alertId, StateOf(alerts, caller, alertId),
            () => rules.ChangeAsync(caller.Organization, alertId, before => given.Patch(before, named.ContainsKey), cancel), cancel)));
    }

    private static async Task<NoContent> DeleteAlert(
        string alertId, AlertRules rules, IAlertStore alerts, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        await audit.ChangeAsync(
            alertId, StateOf(alerts, caller, alertId),
            async () =>
            {
                await rules.DeleteAsync(caller.Organization, alertId, cancel);
                return true;
            },
            cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<DeliveryView>> TestAlert(string alertId, AlertRules rules, RequestAudit audit, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok(DeliveryView.From(await audit.MakeAsync(
            alertId, () => rules.TestAsync(caller.Organization, alertId, cancel), sent => [(alertId, DeliveryView.From(sent))], cancel)));

    private static async Task<Ok<DeliveryPage>> ListDeliveries(
        string alertId, [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken, AlertRules rules,
        IAlertStore alerts, PageTokens tokens, Caller caller, CancellationToken cancel)
    {
        var rule = await rules.GetAsync(caller.Organization, alertId, cancel);
        var errors = new FieldErrors();
        var list = $"deliveries {rule.AlertId}";
        var page = await tokens.ReadAsync(caller.Organization, list, pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await alerts.ListDeliveriesAsync(caller.Organization, alertId, page, cancel);
        return TypedResults.Ok(new DeliveryPage(found.Items.Select(DeliveryView.From), await tokens.WriteAsync(caller.Organization, list, found.Next)));
    }

    private static Func<CancellationToken, Task<object?>> StateOf(IAlertStore alerts, Caller caller, string alertId) => async cancel =>
        await alerts.FindAsync(caller.Organization, alertId, cancel) is { } rule ? AlertView.From(rule) : null;

    internal sealed record AlertPage(
        IEnumerable<AlertView> Alerts, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    internal sealed record DeliveryPage(
        IEnumerable<DeliveryView> Deliveries, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);
}
