using Qrie.Domain.Access;

namespace Qrie.Api.Access.SignIn;

/// <summary>What the members of a group of the identity provider may do.</summary>
/// <param name="Group">A value of the groups claim; compared exactly.</param>
/// <param name="Accounts">The accounts that a reader is limited to; null for all of the organization.</param>
internal sealed record Grant(string Group, string Organization, Role Role, IReadOnlyList<string>? Accounts)
{
    /// <summary>
    /// The rights of a caller with these groups; null for none. The first grant that applies decides about the organization. Within it the highest role counts,
    /// and a reader sees the accounts of all grants that apply, which are all accounts if one of them has no limit.
    /// </summary>
    public static Grant? Of(IReadOnlyList<Grant> grants, IReadOnlySet<string> groups)
    {
        List<Grant> applying = [.. grants.Where(g => groups.Contains(g.Group))];
        if (applying.Count == 0)
        {
            return null;
        }

        applying.RemoveAll(g => g.Organization != applying[0].Organization);
        var highest = applying.MaxBy(g => g.Role)!;
        return highest.Role != Role.Reader || applying.Exists(g => g.Accounts is null)
            ? highest with { Accounts = null }
            : highest with { Accounts = [.. applying.SelectMany(g => g.Accounts!).Distinct().Order(StringComparer.Ordinal)] };
    }
}
