namespace Qrie.Dynamo.Tables;

/// <summary>A table: its key and its indexes. All attributes of keys are texts, but for those of indexes that say otherwise.</summary>
/// <param name="Name">Without the prefix.</param>
/// <param name="Hash">The partition key.</param>
/// <param name="Range">The sort key; null if there is none.</param>
/// <param name="Expires">Rows have a time to live.</param>
internal sealed record StoreTable(string Name, string Hash, string? Range = null, bool Expires = false)
{
    public IReadOnlyList<StoreIndex> Indexes { get; init; } = [];

    public StoreIndex Index(string name) => Indexes.First(index => index.Name == name);

    public bool Equals(StoreTable? other) => other?.Name == Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

/// <summary>An index of a table; items without its keys are not in it.</summary>
/// <param name="IsLocal">It has the partition key of the table and can be read strongly.</param>
/// <param name="IsRangeNumber">The sort key is a number.</param>
/// <param name="KeysOnly">It holds only the keys; otherwise all attributes.</param>
internal sealed record StoreIndex(string Name, string Hash, string Range, bool IsLocal = false, bool IsRangeNumber = false, bool KeysOnly = false);

/// <summary>The tables of the store: the first five as in the original system.</summary>
internal static class StoreTables
{
    public static readonly StoreTable Accounts = new("accounts", "AccountId");

    public static readonly StoreTable Policies = new("policies", "PolicyId");

    public static readonly StoreTable Resources = new("resources", "AccountService", "ARN")
    {
        Indexes =
        [
            new StoreIndex("ByChange", "AccountService", "ChangeSeq", IsLocal: true, IsRangeNumber: true, KeysOnly: true),
            new StoreIndex("ByDue", "AccountService", "NextDue", IsLocal: true, IsRangeNumber: true, KeysOnly: true),
            new StoreIndex("ByList", "AccountService", "InList", IsLocal: true, KeysOnly: true),
            new StoreIndex("ById", "AccountService", "TypeId", IsLocal: true, KeysOnly: true),
            new StoreIndex("ByArn", "OrganizationArn", "AccountService", KeysOnly: true),
        ],
    };

    public static readonly StoreTable Findings = new("findings", "ARN", "Policy")
    {
        Indexes =
        [
            new StoreIndex("ByPolicy", "PolicyState", "Order"),
            new StoreIndex("ByAccount", "AccountState", "Order"),
            new StoreIndex("ByOrganization", "OrganizationState", "Order"),
        ],
    };

    public static readonly StoreTable Summary = new("summary", "Type");

    public static readonly StoreTable State = new("state", "PK", "SK", Expires: true);

    public static readonly IReadOnlyList<StoreTable> All = [Accounts, Policies, Resources, Findings, Summary, State];
}
