namespace Qrie.Domain.Accounts;

/// <summary>The state of the inventories of one service of one account.</summary>
/// <param name="Service">Or <see cref="Whole"/>.</param>
/// <param name="LastInventoryAt">When its last unit completed; null for never.</param>
/// <param name="Complete">Lists (of a type, in a region) that were complete the last time.</param>
/// <param name="NotAvailable">Lists that AWS does not offer there: neither success nor failure.</param>
/// <param name="Broken">Lists that were denied or incomplete.</param>
/// <param name="Error">The last error; null if there is none now.</param>
public sealed record AccountHealth(
    string AccountId, string Service, DateTimeOffset? LastInventoryAt, int Complete, int NotAvailable, int Broken, AccountError? Error)
{
    /// <summary>The account as a whole: access to it.</summary>
    public const string Whole = "";

    /// <summary>The share of lists that were complete; null if there are none yet.</summary>
    public static double? CoveragePercent(IEnumerable<AccountHealth> services)
    {
        var (complete, broken) = services.Aggregate((Complete: 0, Broken: 0), (sum, s) => (sum.Complete + s.Complete, sum.Broken + s.Broken));
        return complete + broken == 0 ? null : Math.Round(100.0 * complete / (complete + broken), 2);
    }
}

/// <summary>An error in an account.</summary>
/// <param name="Region">Null for all regions.</param>
/// <param name="Type">Null if it does not concern one type.</param>
public sealed record AccountError(string? Region, string? Type, string Code, string Message, DateTimeOffset At);
