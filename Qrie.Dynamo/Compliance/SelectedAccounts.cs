using Qrie.Domain.Accounts;
using Qrie.Domain.Compliance;

namespace Qrie.Dynamo.Compliance;

/// <summary>Which accounts a selection includes: active ones only.</summary>
internal static class SelectedAccounts
{
    public static bool Includes(AccountSelection selection, Account account) => account.Status == AccountStatus.Active
        && (selection.AccountIds is { } ids ? ids.Contains(account.AccountId) : selection.Ou is not { } ou || IsIn(account.Ou, ou));

    private static bool IsIn(string? path, string ou) =>
        path is not null && $"/{path.Trim('/')}/".StartsWith(ou.TrimEnd('/') + "/", StringComparison.Ordinal);
}
