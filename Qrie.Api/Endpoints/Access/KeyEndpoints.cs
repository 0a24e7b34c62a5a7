using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Access;

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/whoami", WhoAmI).Limits(AccountLimit.WithoutAccounts).WithTags("Access").WithSummary("The caller's identity and role");
        var group = routes.MapGroup("/keys").WithTags("Access");
        group.MapGet("", ListKeys).Needs(Role.Admin).WithSummary("The organization's API keys, by key_id").ProducesProblems(400);
        group.MapPost("", CreateKey).Writes(Role.Admin, AuditActions.CreateKey).WithSummary("Create an API key; it is shown only once").ProducesProblems(400);
        group.MapDelete("/{keyId}", RevokeKey).Writes(Role.Admin, AuditActions.RevokeKey)
            .WithSummary("Revoke an API key immediately and permanently").ProducesProblems(404);
    }

    private static Ok<WhoAmIView> WhoAmI(Caller caller) =>
        TypedResults.Ok(new WhoAmIView(
            caller.Organization, ApiEnumNames.Of(caller.Role), caller.KeyId, caller.KeyName, caller.Accounts?.Order(StringComparer.Ordinal)));

    /// <param name="organization">Another organization; only for admins of default.</param>
    private static async Task<Ok<KeyPage>> ListKeys(
        [FromQuery(Name = "organization")] string? organization,
        [FromQuery(Name = "page_size")] string? pageSize, [FromQuery(Name = "next_token")] string? nextToken,
        IApiKeyStore keys, PageTokens tokens, TimeProvider clock, Caller caller, CancellationToken cancel)
    {
        var whose = OrganizationOf(caller, organization);
        var errors = new FieldErrors();
        var page = await tokens.ReadAsync(whose, "keys", pageSize, nextToken, errors);
        errors.ThrowIfAny();
        var found = await keys.ListAsync(whose, page, cancel);
        return TypedResults.Ok(new KeyPage(found.Items.Select(k => KeyView.From(k, clock.GetUtcNow())), await tokens.WriteAsync(whose, "keys", found.Next)));
    }

    private static async Task<Created<CreatedKeyView>> CreateKey(
        JsonBody<CreateKeyBody> body, ApiKeys keys, TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var input = body.Value;
        var whose = OrganizationOf(caller, input.Organization);
        var (key, text) = await audit.MakeAsync(
            "", () => keys.CreateAsync(new NewApiKey(whose, ApiEnumNames.ToRole(input.Role), input.Name, input.ExpiresAt, caller.Actor.Id), cancel),
            made => [(made.Key.KeyId, KeyState.Of(made.Key))], cancel, whose);
        return TypedResults.Created("/keys", new CreatedKeyView(KeyView.From(key, clock.GetUtcNow()), text.Reveal()));
    }

    private static async Task<Ok<KeyView>> RevokeKey(
        string keyId, [FromQuery(Name = "organization")] string? organization, ApiKeys keys,
        IApiKeyStore store, TimeProvider clock, RequestAudit audit, Caller caller,
        CancellationToken cancel)
    {
        var whose = OrganizationOf(caller, organization);
        var revoked = await audit.ChangeAsync(
            keyId, async token => KeyState.Of(await store.FindAsync(whose, keyId, token)), () => keys.RevokeAsync(whose, keyId, cancel), cancel, whose);
        return TypedResults.Ok(KeyView.From(revoked, clock.GetUtcNow()));
    }

    /// <summary>To callers that do not run the installation, other organizations do not exist.</summary>
    private static string OrganizationOf(Caller caller, string? asked) =>
        asked is null || asked == caller.Organization || caller.ManagesInstallation ? asked ?? caller.Organization
        : throw InvalidInputException.Of("organization", $"There is no organization {asked}; leave it out for your own.");

    /// <param name="KeyId">The id of the key, or oidc: and the subject of the identity provider; null without either.</param>
    /// <param name="Accounts">The accounts that a reader is limited to; missing for all of the organization.</param>
    internal sealed record WhoAmIView(
        string Organization, string Role, string? KeyId, string? KeyName,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<string>? Accounts);

    /// <param name="Organization">Another organization; only for admins of default.</param>
    /// <param name="Role">reader, auditor, operator or admin.</param>
    /// <param name="ExpiresAt">Null for a key that does not expire.</param>
    internal sealed record CreateKeyBody(string? Organization, string? Role, string? Name, DateTimeOffset? ExpiresAt);

    internal sealed record KeyPage(
        IEnumerable<KeyView> Keys, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

    /// <param name="Status">active, expired or revoked.</param>
    /// <param name="CreatedBy">As named in the audit log.</param>
    /// <param name="LastUsedAt">Accurate to a minute; null for never.</param>
    internal record KeyView(
        string KeyId, string Organization, string? Name, string Role, string Status, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt,
        DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt)
    {
        public static KeyView From(ApiKey key, DateTimeOffset now) => new(
            key.KeyId, key.Organization, key.Name, ApiEnumNames.Of(key.Role), ApiEnumNames.Of(key.StatusAt(now)), key.CreatedAt, key.CreatedBy, key.ExpiresAt,
                key.RevokedAt,
            key.LastUsedAt);
    }

    /// <param name="Key">The key itself. It cannot be shown again.</param>
    internal sealed record CreatedKeyView([property: JsonIgnore] KeyView Of, string Key) : KeyView(Of);
}

/// <summary>A key as recorded in the audit log.</summary>
internal sealed record KeyState(string? Name, string Role, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    public static KeyState? Of(ApiKey? key) => key is null ? null : new KeyState(key.Name, ApiEnumNames.Of(key.Role), key.ExpiresAt, key.RevokedAt);
}
