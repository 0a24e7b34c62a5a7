using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Events;
using Qrie.Domain.Management;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

internal static class AccountEndpoints
{
    /// <summary>How long a request waits for a purge; most take less.</summary>
    private static readonly TimeSpan PurgeTimeLimit = TimeSpan.FromSeconds(10);

    private static readonly string[] _settings = ["name", "ou", "tags", "role_arn", "external_id", "regions", "services"];

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/accounts").WithTags("Accounts");
        group.MapGet("", ListAccounts)
            .Limits(AccountLimit.ByEndpoint).WithSummary("The registered accounts with their health, by account id").ProducesProblems(400);
        group.MapPost("", AddAccount).Writes(Role.Admin, AuditActions.AddAccount)
            .WithSummary("Register an account, or restore a removed one").ProducesProblems(400, 409);
        group.MapGet("/{accountId}", GetAccount)
            .Limits(AccountLimit.ByEndpoint).WithSummary("One account with its health, or the progress of its purge").ProducesProblems(404);
        group.MapPut("/{accountId}", ReplaceSettings).Writes(Role.Admin, AuditActions.UpdateAccount)
            .WithSummary("Replace the settings of an account: omitted fields are cleared").ProducesProblems(400, 404, 409);
        group.MapPatch("/{accountId}", ChangeSettings).Writes(Role.Admin, AuditActions.UpdateAccount)
            .WithSummary("Change some settings of an account: null clears a field, omitted fields stay").ProducesProblems(400, 404, 409)
            .Accepts<SettingsBody>("application/json", "*/*");
        group.MapDelete("/{accountId}", RemoveAccount).Writes(Role.Admin, AuditActions.RemoveAccount)
            .WithSummary("Remove an account; its data is kept. With purge=true and confirm=<account id> its data is deleted")
            .ProducesProblems(400, 404);
    }

    private static async Task<Ok<IEnumerable<AccountView>>> ListAccounts(
        [FromQuery(Name = "include_removed")] string? includeRemoved, [FromQuery] string? status, IAccountStore accounts, IEventStore events, Caller caller,
        CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var removed = QueryValues.Flag(includeRemoved, "include_removed", errors);
        errors.Require(status is null or "active" or "pending" or "removed" or "all", "status", "status must be active, pending, removed or all");
        errors.ThrowIfAny();
        var wanted = status is "all" ? null : status is not null ? [status] : (string[])(removed ? ["active", "removed"] : ["active"]);
        var found = await accounts.ListAsync(caller.Organization, includeRemoved: wanted is not ["active"], cancel);
        var health = (await accounts.ListHealthAsync(caller.Organization, null, cancel)).ToLookup(h => h.AccountId);
        var places = (await events.ListRegionsAsync(caller.Organization, null, cancel)).ToLookup(p => p.AccountId);
        return TypedResults.Ok(found.Where(a => caller.Sees(a.AccountId)).Where(a => wanted is null || wanted.Contains(ApiEnumNames.Of(a.Status)))
            .Select(a => AccountView.From(a, [.. health[a.AccountId]], [.. places[a.AccountId]])));
    }

    private static async Task<Created<RegisteredView>> AddAccount(
        JsonBody<AddAccountBody> body, AccountLifeCycle lifeCycle, IAccountStore accounts, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var input = body.Value;
        var added = new NewAccount(caller.Organization, input.AccountId, input.Name, input.Ou, input.RoleArn, input.ExternalId, input.Regions)
        {
            Tags = input.Tags,
            Services = input.Services,
        };
        var (account, scans) = await audit.ChangeAsync(
            input.AccountId ?? "", StateOf(accounts, caller, input.AccountId ?? ""), () => lifeCycle.RegisterAsync(added, input.Scan ?? false, cancel), cancel);
        return TypedResults.Created(
            $"/accounts/{account.AccountId}", new RegisteredView(AccountView.From(account, [], []), scans?.InventoryScanId, scans?.PolicyScanId));
    }

    private static async Task<Ok<AccountDetailView>> GetAccount(
        string accountId, IAccountStore accounts, IAccountPurgeStore purges, IEventStore events, Caller caller, CancellationToken cancel)
    {
        var account = await FindAsync(accounts, caller, accountId, cancel);
        var purge = await purges.FindAsync(caller.Organization, accountId, cancel);
        return TypedResults.Ok(new AccountDetailView(
            await ViewAsync(account, accounts, events, cancel), account.KnownRegions, account.MemberOf, purge is null ? null : PurgeView.From(purge)));
    }

    private static async Task<Ok<ChangedView>> ReplaceSettings(
        string accountId, JsonBody<SettingsBody> body, AccountLifeCycle lifeCycle,
        IAccountStore accounts, IEventStore events, RequestAudit audit, Caller caller,
        CancellationToken cancel)
    {
        var settings = body.Value.ToSettings();
        // Clients cannot read the external id, so omitting it must not clear it.
        var changed = await audit.ChangeAsync(
            accountId, StateOf(accounts, caller, accountId),
            () => lifeCycle.ChangeAsync(
                caller.Organization, accountId, before => settings with { ExternalId = settings.ExternalId ?? before.ExternalId }, cancel), cancel);
        return TypedResults.Ok(await ViewAsync(changed, accounts, events, cancel));
    }

    private static async Task<Ok<ChangedView>> ChangeSettings(
        string accountId, HttpContext context, AccountLifeCycle lifeCycle, IAccountStore accounts, IEventStore events, RequestAudit audit, Caller caller,
        CancellationToken cancel)
    {
        var named = await JsonBody.ReadAsync<Dictionary<string, JsonElement>>(context);
        var errors = new FieldErrors();
        foreach (var key in named.Keys.Where(key => !_settings.Contains(key)))
        {
            errors.Add(key, $"{key} cannot be changed; name one or more of {string.Join(", ", _settings)}.");
        }

        errors.Require(named.Count > 0, "body", $"At least one field ({string.Join(", ", _settings)}) must be provided");
        errors.ThrowIfAny();
        var given = SettingsBody.Of(named);
        var changed = await audit.ChangeAsync(
            accountId, StateOf(accounts, caller, accountId),
            () => lifeCycle.ChangeAsync(caller.Organization, accountId, before => given.Patch(before, named.ContainsKey), cancel), cancel);
        return TypedResults.Ok(await ViewAsync(changed, accounts, events, cancel));
    }

    private static async Task<IResult> RemoveAccount(
        string accountId, [FromQuery] string? purge, [FromQuery] string? confirm, AccountLifeCycle lifeCycle, AccountPurger purger, IAccountPurgeStore purges,
        IAccountStore accounts, TimeProvider clock, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var forGood = QueryValues.Flag(purge, "purge", errors);
        errors.Require(
            !forGood || confirm == accountId, "confirm",
            $"confirm must repeat the account id ({accountId}): a purge cannot be undone. Without purge=true the data is kept.");
        errors.ThrowIfAny();
        if (!forGood)
        {
            var units = await audit.ChangeAsync(
                accountId, StateOf(accounts, caller, accountId),
                () => lifeCycle.RemoveAsync(caller.Organization, accountId, RemovalReason.Requested, cancel), cancel);
            return TypedResults.Ok(new RemovedView(
                $"Account {accountId} removed; its data is kept. Register it again to restore it.", accountId, ApiEnumNames.Of(AccountStatus.Removed), units));
        }

        var begun = await audit.ChangeAsync(
            accountId, StateOf(accounts, caller, accountId), () => purger.BeginAsync(caller.Organization, accountId, cancel), cancel);
        for (var began = clock.GetTimestamp(); begun.FinishedAt is null && clock.GetElapsedTime(began) < PurgeTimeLimit;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancel);
            begun = await purges.FindAsync(caller.Organization, accountId, cancel) ?? begun;
        }

        var view = PurgeView.From(begun);
        return begun.FinishedAt is null ? TypedResults.Accepted($"/accounts/{accountId}", view) : TypedResults.Ok(view);
    }

    private static Func<CancellationToken, Task<object?>> StateOf(IAccountStore accounts, Caller caller, string accountId) =>
        async cancel => AccountState.Of(await accounts.FindAsync(caller.Organization, accountId, cancel));

    private static async Task<Account> FindAsync(IAccountStore accounts, Caller caller, string accountId, CancellationToken cancel) =>
        (caller.Sees(accountId) ? await accounts.FindAsync(caller.Organization, accountId, cancel) : null)
        ?? throw new NotFoundException($"Account {accountId} not found; register it with POST /accounts.");

    private static async Task<AccountView> ViewAsync(Account account, IAccountStore accounts, IEventStore events, CancellationToken cancel) => AccountView.From(
        account, await accounts.ListHealthAsync(account.Organization, account.AccountId, cancel),
        await events.ListRegionsAsync(account.Organization, account.AccountId, cancel));

    private static async Task<ChangedView> ViewAsync(ChangedAccount changed, IAccountStore accounts, IEventStore events, CancellationToken cancel) =>
        new(await ViewAsync(changed.Account, accounts, events, cancel), changed.Changed, changed.ScanId);

    /// <param name="RoleArn">An ARN; {account} in it is replaced by the account id.</param>
    /// <param name="Scan">Run an inventory now, then evaluate the active policies.</param>
    internal sealed record AddAccountBody(
        string? AccountId, string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags,
        string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions, IReadOnlyList<string>? Services, bool? Scan);

    /// <param name="InventoryScanId">Null if no scan was requested.</param>
    /// <param name="PolicyScanId">It starts when the inventory has ended. Null if no scan was requested or no policy is active.</param>
    internal sealed record RegisteredView([property: JsonIgnore] AccountView Of, string? InventoryScanId, string? PolicyScanId) : AccountView(Of);

    /// <param name="Changed">False if the settings were the same.</param>
    /// <param name="ScanId">The policy scan of the account with its new settings; null if no verdict can change.</param>
    internal sealed record ChangedView([property: JsonIgnore] AccountView Of, bool Changed, string? ScanId) : AccountView(Of);

    /// <param name="KnownRegions">The regions of the last inventory.</param>
    /// <param name="MemberOf">The AWS organization in which a discovery last found it.</param>
    /// <param name="Purge">Null if it is not being purged.</param>
    internal sealed record AccountDetailView(
        [property: JsonIgnore] AccountView Of, IReadOnlyList<string>? KnownRegions, string? MemberOf, PurgeView? Purge) : AccountView(Of);

    /// <param name="CancelledUnits">Units that were not run yet.</param>
    internal sealed record RemovedView(string Message, string AccountId, string Status, int CancelledUnits);

    /// <param name="Status">purging or purged.</param>
    /// <param name="Deleted">Deleted rows by table, so far.</param>
    internal sealed record PurgeView(
        string AccountId, string Status, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, long DeletedRows, IReadOnlyDictionary<string, long> Deleted)
    {
        public static PurgeView From(AccountPurge purge) => new(
            purge.AccountId, purge.FinishedAt is null ? "purging" : "purged", purge.RequestedAt, purge.FinishedAt, purge.Deleted.Values.Sum(), purge.Deleted);
    }
}
