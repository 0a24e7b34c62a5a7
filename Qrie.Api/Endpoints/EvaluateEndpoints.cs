using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Drafts;

namespace Qrie.Api.Endpoints;

internal static class EvaluateEndpoints
{
    public static void MapEvaluate(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/policies/evaluate", Evaluate).Needs(Role.Reader).WithTags("Policies").WithMetadata(new RequestSizeLimitAttribute(JsonBody.Small))
            .WithSummary("Evaluate an expression or a policy document on a stored resource or a configuration; nothing is written")
            .WithDescription(
                "Bound are $account $partition $region $arn $tags $now and params. An expression is typed against the shape of the resource's type, "
                + "a policy document is checked as the catalog's are; mistakes are a 400 whose places tell line, column (and offset, of an expression) "
                + "and remedy. Limits: 1 MB of body, 8192 characters of expression, 65536 of document, a million steps, 2 seconds.")
            .ProducesProblems(400, 404, 413);

    private static async Task<Ok<EvaluationView>> Evaluate(JsonBody<EvaluateBody> body, DraftEvaluator evaluator, Caller caller, CancellationToken cancel)
    {
        var draft = body.Value.ToRequest(caller.Organization);
        return TypedResults.Ok(draft.Policy is not null && draft.Expression is null
            ? EvaluationView.From(await evaluator.EvaluatePolicyAsync(draft, cancel))
            : EvaluationView.From(await evaluator.EvaluateExpressionAsync(draft, cancel)));
    }

    /// <param name="Expression">JMESPath; either this or policy.</param>
    /// <param name="Policy">A policy document in the catalog's format: an object, or YAML text.</param>
    /// <param name="Resource">The ARN of a stored resource; either this or configuration.</param>
    /// <param name="AccountService">The account_service of that resource, if its ARN is in several.</param>
    /// <param name="Configuration">A resource in the shape in which resources are stored.</param>
    /// <param name="Type">The resource type for type-checking an expression over a configuration.</param>
    /// <param name="Params">Values of variables; for a policy, they override its own.</param>
    /// <param name="Tags">The tags of a configuration.</param>
    internal sealed record EvaluateBody(
        string? Expression, JsonElement? Policy, string? Resource, string? AccountService, JsonElement? Configuration, string? Type,
        Dictionary<string, JsonElement>? Params, Dictionary<string, string>? Tags)
    {
        public DraftRequest ToRequest(string organization) => new()
        {
            Organization = organization,
            Expression = Expression,
            Policy = Policy,
            Resource = Resource,
            AccountService = AccountService,
            Configuration = Configuration,
            Type = Type,
            Params = Params,
            Tags = Tags,
        };
    }

    /// <param name="Value">The value of an expression.</param>
    /// <param name="PolicyId">Set for a policy, like the members up to its evidence.</param>
    /// <param name="Verdict">pass, fail, not_applicable or unknown.</param>
    /// <param name="Evidence">For a fail only.</param>
    /// <param name="AttributesRead">Attributes by name, @ for all of them, $tags and lookups as variables.</param>
    /// <param name="UnknownReason">Why the verdict is unknown, or the value is unreliable; null otherwise.</param>
    internal sealed record EvaluationView(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Value,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PolicyId,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Verdict,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Evidence,
        IReadOnlyList<string> AttributesRead, ReasonView? UnknownReason)
    {
        public static EvaluationView From(DraftValue v) => new(v.Value.ToJsonElement(), null, null, null, v.Reads, ReasonView.From(v.Reason));

        public static EvaluationView From(DraftVerdict v) => new(
            null, v.Policy.Id, ApiEnumNames.Of(v.Verdict.Verdict), v.Verdict.Evidence, v.Reads, ReasonView.From(v.Verdict.Reason));
    }

    /// <param name="Attribute">What could not be read; null: the expression failed, or is undecided.</param>
    /// <param name="Code">AWS's error code, or one of ours.</param>
    /// <param name="Detail">With UNDECIDED the statement of a policy document that is not understood well enough; else left out.</param>
    internal sealed record ReasonView(
        string? Attribute, string Code, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail)
    {
        public static ReasonView? From(UnknownReason? reason) =>
            reason is null ? null : new ReasonView(reason.Attribute, reason.Code, reason.Detail);
    }
}
