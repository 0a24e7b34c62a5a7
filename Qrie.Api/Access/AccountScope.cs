using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Access;

/// <summary>What a route answers to readers that are limited to accounts.</summary>
internal enum AccountLimit
{
    /// <summary>Nothing: 403. The default, so that an omission shows nothing.</summary>
    Refused,

    /// <summary>The answer holds no data of accounts.</summary>
    WithoutAccounts,

    /// <summary>The answer is about the account of the parameter <c>account</c> or <c>account_id</c> and nothing else.</summary>
    ByParameter,

    /// <summary>The endpoint itself leaves out what the caller may not see.</summary>
    ByEndpoint,
}

/// <summary>The limit of an endpoint, as metadata.</summary>
internal sealed record LimitedTo(AccountLimit Limit);

/// <summary>Readers that are limited to accounts see only these, on every route.</summary>
internal static class AccountScope
{
    private const string Account = "account";
    private const string AccountId = "account_id";

    public static TBuilder Limits<TBuilder>(this TBuilder builder, AccountLimit limit)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new LimitedTo(limit));

    /// <summary>Must follow authorization and precede the endpoint.</summary>
    public static Task EnforceAsync(HttpContext context, RequestDelegate next)
    {
        if (Caller.TryOf(context)?.Accounts is not { } own || context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return next(context); // open to everyone, and then without data
        }

        switch (endpoint.Metadata.GetMetadata<LimitedTo>()?.Limit ?? AccountLimit.Refused)
        {
            case AccountLimit.WithoutAccounts or AccountLimit.ByEndpoint:
                return next(context);
            case AccountLimit.ByParameter:
                return OneAccount(context.Request, own) is { } refusal ? RefuseAsync(context, refusal) : next(context);
            default:
                return RefuseAsync(
                    context, $"You are limited to {List(own)}; {context.Request.Method} {context.Request.Path} is about all accounts of the organization.");
        }
    }

    /// <summary>Null if exactly one of the own accounts is asked for, which is the case without a parameter for callers with one account.</summary>
    private static string? OneAccount(HttpRequest request, IReadOnlySet<string> own)
    {
        var asked = request.Query[Account].Concat(request.Query[AccountId]).Select(a => a ?? "").Distinct().ToList();
        if (asked.Count == 0 && own.Count == 1)
        {
            request.QueryString = request.QueryString.Add(Account, own.First());
            return null;
        }

        return asked.Count == 1 && own.Contains(asked[0]) && request.Query[Account].Count <= 1 && request.Query[AccountId].Count <= 1
            ? null
            : $"You are limited to {List(own)}: name one of them, {Account}={own.Order(StringComparer.Ordinal).First()}.";
    }

    private static string List(IReadOnlySet<string> own) => own.Count == 1
        ? $"the account {own.First()}"
        : string.Create(CultureInfo.InvariantCulture, $"{own.Count} accounts ({string.Join(", ", own.Order(StringComparer.Ordinal).Take(20))})");

    private static Task RefuseAsync(HttpContext context, string why) => Problems.WriteAsync(context, 403, "Forbidden", why, null);
}
