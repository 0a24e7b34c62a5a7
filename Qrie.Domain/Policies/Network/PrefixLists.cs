using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>The entries of prefix lists in the inventory (<c>AWS::EC2::PrefixList</c>).</summary>
public sealed class PrefixLists
{
    /// <summary>The code of a verdict that depends on a list that is not in the inventory, or whose entries could not be read.</summary>
    public const string Unread = "PREFIX_LIST_UNREAD";

    /// <summary>The member of a configuration with its unknown attributes.</summary>
    private const string UnknownMember = "_unknown";

    /// <summary>The owner of the lists of AWS services, whose entries are the services' addresses and are not collected.</summary>
    private const string Aws = "AWS";

    public static readonly PrefixLists None = new(JmesValue.EmptyArray);

    private readonly Dictionary<string, (IReadOnlyList<CidrBlock> Blocks, bool Complete)> _lists = [];

    /// <param name="lists">Configurations, including <c>_unknown</c>; null if no list is known.</param>
    /// <exception cref="FormatException">An entry is not a range.</exception>
    public PrefixLists(JmesValue lists)
    {
        foreach (var list in lists.EnumerateArray())
        {
            if (list.TryGetMember("PrefixListId", out var id) && id.Kind is JmesKind.String)
            {
                _lists[id.GetString()] = Read(list);
            }
        }
    }

    /// <summary>The known entries of a list.</summary>
    /// <param name="complete">Whether these are all entries; false if the list is not in the inventory, or its entries could not be read.</param>
    public IReadOnlyList<CidrBlock> BlocksOf(string id, out bool complete)
    {
        var (blocks, known) = _lists.GetValueOrDefault(id, ([], false));
        complete = known;
        return blocks;
    }

    private static (IReadOnlyList<CidrBlock> Blocks, bool Complete) Read(JmesValue list)
    {
        if (!list.TryGetMember("Entries", out var entries) || entries.Kind is not JmesKind.Array)
        {
            return ([], list.TryGetMember("OwnerId", out var owner) && owner.Kind is JmesKind.String && IsAws(owner.GetString()) && !IsUnknown(list));
        }

        var blocks = new List<CidrBlock>();
        foreach (var entry in entries.EnumerateArray())
        {
            blocks.Add(entry.TryGetMember("Cidr", out var cidr) && cidr.Kind is JmesKind.String
                ? CidrBlock.Parse(cidr.GetString())
                : throw new FormatException("An entry of a prefix list has no range."));
        }

        return (blocks, !IsUnknown(list));
    }

    private static bool IsUnknown(JmesValue list) =>
        list.TryGetMember(UnknownMember, out var unknown) && unknown.TryGetMember("Entries", out _);

    private static bool IsAws(string owner) => owner.Equals(Aws, StringComparison.OrdinalIgnoreCase);
}
