using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Accounts;

namespace Qrie.Api.Endpoints;

internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/accounts").WithTags("Accounts");
        group.MapGet("", ListAccounts).WithSummary("The registered accounts, by account id");
        group.MapPost("", AddAccount).WithSummary("Register an account").ProducesProblems(400, 409);
    }

    private static async Task<Ok<IEnumerable<AccountView>>> ListAccounts(IAccountStore accounts, CancellationToken cancel) =>
        TypedResults.Ok((await accounts.ListAsync(Organizations.Default, includeRemoved: false, cancel)).Select(AccountView.From));

    private static async Task<Created<AccountView>> AddAccount(JsonBody<AddAccountBody> body, AccountRegistry registry, CancellationToken cancel)
    {
        var (accountId, name, ou, roleArn, externalId, regions) = body.Value;
        var account = await registry.AddAsync(new NewAccount(Organizations.Default, accountId, name, ou, roleArn, externalId, regions), cancel);
        return TypedResults.Created($"/accounts/{account.AccountId}", AccountView.From(account));
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
