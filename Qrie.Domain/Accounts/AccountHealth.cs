namespace Qrie.Domain.Accounts;

/// <summary>How the inventories of one service of one account went.</summary>
/// <param name="Service">Or <see cref="Whole"/>.</param>
/// <param name="LastInventoryAt">When the last of its units was read to its end; null: never.</param>
/// <param name="Complete">Lists (of a type, in a region) that were read to their end the last time.</param>
/// <param name="NotAvailable">Lists of what AWS does not offer there: neither good nor bad.</param>
/// <param name="Broken">Lists that were refused or broke off.</param>
/// <param name="Error">The last thing that went wrong; null: nothing is wrong now.</param>
public sealed record AccountHealth(
    string AccountId, string Service, DateTimeOffset? LastInventoryAt, int Complete, int NotAvailable, int Broken, AccountError? Error)
{
    /// <summary>Stands for the account as a whole: the way into it.</summary>
    public const string Whole = "";

    /// <summary>Lists that were read to their end, of those that there are to read; null: there are none yet.</summary>
    public static double? CoveragePercent(IEnumerable<AccountHealth> services)
    {
        var (complete, broken) = services.Aggregate((Complete: 0, Broken: 0), (sum, s) => (sum.Complete + s.Complete, sum.Broken + s.Broken));
        return complete + broken == 0 ? null : Math.Round(100.0 * complete / (complete + broken), 2);
    }
}

/// <summary>Something that went wrong in an account.</summary>
/// <param name="Region">Null: everywhere.</param>
/// <param name="Type">Null: it is not about one type.</param>
public sealed record AccountError(string? Region, string? Type, string Code, string Message, DateTimeOffset At);
