using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;

namespace Qrie.Api.Endpoints;

internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/accounts").WithTags("Accounts");
        group.MapGet("", ListAccounts).WithSummary("The registered accounts, by account id");
        group.MapPost("", AddAccount).Writes(Role.Admin, AuditActions.AddAccount).WithSummary("Register an account").ProducesProblems(400, 409);
    }

    private static async Task<Ok<IEnumerable<AccountView>>> ListAccounts(IAccountStore accounts, Caller caller, CancellationToken cancel) =>
        TypedResults.Ok((await accounts.ListAsync(caller.Organization, includeRemoved: false, cancel)).Select(AccountView.From));

    private static async Task<Created<AccountView>> AddAccount(
        JsonBody<AddAccountBody> body, AccountRegistry registry, RequestAudit audit, Caller caller, CancellationToken cancel)
    {
        var (accountId, name, ou, roleArn, externalId, regions) = body.Value;
        var input = new NewAccount(caller.Organization, accountId, name, ou, roleArn, externalId, regions);
        var account = await audit.MakeAsync(accountId ?? "", () => registry.AddAsync(input, cancel), added => [(added.AccountId, AccountState.Of(added))], cancel);
        return TypedResults.Created($"/accounts/{account.AccountId}", AccountView.From(account));
    }

    /// <summary>An account as the audit shows it: whether it has an external id, not which.</summary>
    internal sealed record AccountState(
        string Status, string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags, string? RoleArn, bool HasExternalId, IReadOnlyList<string>? Regions)
    {
        public static AccountState? Of(Account? a) =>
            a is null ? null : new AccountState(Words.Of(a.Status), a.Name, a.Ou, a.Tags, a.RoleArn, a.ExternalId is not null, a.Regions);
    }

    internal sealed record AddAccountBody(
        string? AccountId, string? Name, string? Ou, string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions);

    /// <summary><c>ou</c> is never null, because the web client shows it as it is. The external id is not shown again.</summary>
    internal sealed record AccountView(
        string AccountId, string Ou, string? Name, string Status, string? RoleArn, IReadOnlyList<string>? Regions, DateTimeOffset CreatedAt,
        DateTimeOffset? LastInventoryAt)
    {
        public static AccountView From(Account account) => new(
            account.AccountId, account.Ou ?? "", account.Name, Words.Of(account.Status), account.RoleArn, account.Regions, account.CreatedAt,
            account.LastInventoryAt);
    }
}
