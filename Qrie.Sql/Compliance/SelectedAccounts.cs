using Qrie.Domain.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Compliance;

/// <summary>An <see cref="AccountSelection"/> as a condition on the table <c>accounts a</c>.</summary>
internal readonly struct SelectedAccounts(SqlDatabase database, AccountSelection accounts)
{
    /// <summary>Empty for all accounts; otherwise it begins with AND and needs the parameters <c>@ids</c> and <c>@ou</c>.</summary>
    public string Condition { get; } =
        accounts.AccountIds is not null ? $" AND {database.Among("a.account_id", "@ids")}"
        : accounts.Ou is not null ? $" AND {OuTotals.Condition("a.ou")}"
        : "";

    public object Ids { get; } = database.List(accounts.AccountIds ?? []);

    public string? Ou { get; } = OuTotals.Prefix(accounts.Ou);
}
