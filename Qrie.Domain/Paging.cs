namespace Qrie.Domain;

/// <summary>One page of a keyset-ordered list.</summary>
/// <param name="Items">The rows, in the list's documented order.</param>
/// <param name="Next">The key after which the next page starts; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, IReadOnlyList<string>? Next);

/// <summary>A request for a page.</summary>
/// <param name="Size">Rows, 1-100 at the API.</param>
/// <param name="After">The key of the row before the page; null for the first page.</param>
public sealed record PageRequest(int Size, IReadOnlyList<string>? After = null);

/// <summary>The name of an account's part of a service, <c>123456789012_s3</c>: the key by which resources and findings are stored and counted.</summary>
public static class AccountService
{
    public static string Of(string accountId, string service) => $"{accountId}_{service}";

    public static (string AccountId, string Service) Split(string accountService)
    {
        var at = accountService.IndexOf('_', StringComparison.Ordinal);
        return (accountService[..at], accountService[(at + 1)..]);
    }
}

/// <summary>The tenant of single-tenant installations.</summary>
public static class Organizations
{
    public const string Default = "default";
}
