using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Network;

/// <summary>What prefix lists hold, as the inventory has them (<c>AWS::EC2::PrefixList</c>).</summary>
public sealed class PrefixLists
{
    /// <summary>The code of a verdict that a list would decide which is not in the inventory, or whose entries could not be read.</summary>
    public const string Unread = "PREFIX_LIST_UNREAD";

    /// <summary>The member of a configuration that names what could not be read.</summary>
    private const string UnknownMember = "_unknown";

    /// <summary>Who owns the lists of AWS services; their entries are those services' addresses and are not collected.</summary>
    private const string Aws = "AWS";

    public static readonly PrefixLists None = new(JmesValue.EmptyArray);

    private readonly Dictionary<string, (IReadOnlyList<CidrBlock> Blocks, bool Complete)> _lists = [];

    /// <param name="lists">Configurations, <c>_unknown</c> included; null: none is known.</param>
    /// <exception cref="FormatException">An entry is no range.</exception>
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

    /// <summary>What is known of a list's entries.</summary>
    /// <param name="complete">Whether that is all of them: no where the list is not in the inventory, or its entries could not be read.</param>
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
