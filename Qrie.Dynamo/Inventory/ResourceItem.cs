using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Inventory;

/// <summary>The state row of a resource, with its evaluation: one item, so that both change together.</summary>
internal sealed class ResourceItem(string organization, Item item)
{
    public const string Configuration = "Configuration";
    public const string Hash = "Hash";
    public const string DescribeTime = "DescribeTime";
    public const string LastSeen = "LastSeenAt";
    public const string AbsentSince = "AbsentSince";
    public const string NextDue = "NextDue";
    public const string ChangeSeq = "ChangeSeq";
    public const string SizeOf = "Size";

    /// <summary>The verdicts; what they were based on is in it.</summary>
    public const string Evaluation = "Evaluation";

    public const string Arn = "FullArn";
    public const string Type = "Type";
    public const string Id = "Id";
    public const string Region = "Region";
    public const string ListedIn = "ListedIn";
    public const string Tags = "Tags";
    public const string Unknown = "Unknown";
    public const string FirstSeen = "FirstSeen";
    public const string DeletedAt = "DeletedAt";
    public const string Keys = "Keys";
    public const string InList = "InList";
    public const string TypeId = "TypeId";
    public const string OrganizationArn = "OrganizationArn";

    private Dictionary<string, string>? _unknown;

    public Item Item => item;

    public string AccountServiceName => KeyText.Unscoped(organization, item.RequiredText(StoreTables.Resources.Hash));

    public string ArnText => item.Text(Arn) ?? item.RequiredText(StoreTables.Resources.Range!);

    public string TypeText => item.RequiredText(Type);

    public string RegionText => item.RequiredText(Region);

    public string ListedInText => item.RequiredText(ListedIn);

    public string HashText => item.RequiredText(Hash);

    public long DescribeTimeMs => item.RequiredNumber(DescribeTime);

    public long LastSeenMs => item.RequiredNumber(LastSeen);

    public bool IsAlive => item.Number(DeletedAt) is null;

    public int Size => (int)(item.Number(SizeOf) ?? 0);

    public IReadOnlyDictionary<string, string>? TagsOrNull => item.Text(Tags) is { } json ? Json.To<Dictionary<string, string>>(json) : null;

    /// <summary>The tags as stored, to be searched.</summary>
    public string TagsText => item.Text(Tags) ?? "";

    public string IdText => item.RequiredText(Id);

    public IReadOnlyDictionary<string, string> UnknownAttributes =>
        _unknown ??= item.Text(Unknown) is { } json ? Json.To<Dictionary<string, string>>(json) : [];

    public IReadOnlyList<LookupKey> LookupKeys => item.Text(Keys) is { } json ? Json.To<List<LookupKey>>(json) : [];

    public long VersionOrZero => item.Number(Item.Version) ?? 0;

    public static string HashKey(string organization, string accountService) => KeyText.Scoped(organization, accountService);

    public static ItemKey KeyOf(string organization, string accountService, string arn) =>
        ItemKey.Of(StoreTables.Resources, HashKey(organization, accountService), arn);

    /// <summary>The sort key of <c>ByList</c>.</summary>
    public static string ListKey(string type, string listedIn, string arn) => KeyText.Join(type, listedIn, arn);

    /// <summary>The sort key of <c>ById</c>.</summary>
    public static string IdKey(string type, string id) => KeyText.Join(type, id);

    /// <summary>The partition key of <c>ByArn</c>.</summary>
    public static string ArnKey(string organization, string arn) => KeyText.Fit(KeyText.Join(organization, arn), ItemKey.MaxHash);

    /// <summary>A new state; the configuration is set separately.</summary>
    /// <param name="before">Null if there is none.</param>
    public static Item Of(string organization, CollectedResource resource, ResourceItem? before, DateTimeOffset now, long sequence, int size)
    {
        var changed = before?.Item.Copy() ?? new Item();
        return changed
            .Set(Arn, ArnIfCut(organization, resource.AccountId, resource.Service, resource.Arn))
            .Set(Type, resource.Type)
            .Set(Id, resource.Id)
            .Set(Region, resource.Region)
            .Set(ListedIn, resource.ListedIn)
            .Set(Tags, resource.Tags is null ? null : Json.Of(resource.Tags))
            .Set(Unknown, resource.Unknown.Count == 0 ? null : Json.Of(resource.Unknown))
            .Set(Hash, resource.Hash)
            .Set(DescribeTime, resource.DescribeTime)
            .Set(FirstSeen, before?.Item.Time(FirstSeen) ?? now)
            .Set(LastSeen, resource.DescribeTime)
            .Set(DeletedAt, (long?)null)
            .Set(AbsentSince, (long?)null)
            .Set(ChangeSeq, sequence)
            .Set(SizeOf, size)
            .Set(Keys, resource.Keys.Count == 0 ? null : Json.Of(resource.Keys))
            .Set(InList, KeyText.Fit(ListKey(resource.Type, resource.ListedIn, resource.Arn), ItemKey.MaxRange))
            .Set(TypeId, KeyText.Fit(IdKey(resource.Type, resource.Id), ItemKey.MaxRange))
            .Set(OrganizationArn, ArnKey(organization, resource.Arn));
    }

    /// <summary>A deleted resource has the empty hash: a configuration of the same time takes precedence. It has no evaluation.</summary>
    /// <param name="before">Null if there is none.</param>
    public static Item Tombstone(string organization, ResourceDeletion deletion, ResourceItem? before)
    {
        var (accountId, service) = AccountService.Split(deletion.AccountService);
        var changed = before?.Item.Copy() ?? new Item()
            .Set(Arn, ArnIfCut(organization, accountId, service, deletion.Arn))
            .Set(Type, deletion.Type)
            .Set(Id, deletion.Id)
            .Set(Region, deletion.Region)
            .Set(ListedIn, deletion.ListedIn)
            .Set(FirstSeen, deletion.At)
            .Set(LastSeen, deletion.At)
            .Set(OrganizationArn, ArnKey(organization, deletion.Arn));
        foreach (var name in (string[])[Unknown, AbsentSince, ChangeSeq, InList, TypeId, NextDue, Evaluation, Keys])
        {
            changed.Set(name, (string?)null);
        }

        return changed.Set(Hash, "").Set(DescribeTime, deletion.At).Set(DeletedAt, deletion.At);
    }

    public Item WithKeys(IReadOnlyList<LookupKey> keys) => item.Copy().Set(Keys, keys.Count == 0 ? null : Json.Of(keys));

    public StoredResource ToResource(JsonElement? configuration) => new()
    {
        AccountService = AccountServiceName,
        Arn = ArnText,
        Type = TypeText,
        Id = IdText,
        Region = RegionText,
        ListedIn = ListedInText,
        Tags = TagsOrNull,
        Hash = HashText,
        DescribeTime = item.RequiredTime(DescribeTime),
        FirstSeen = item.RequiredTime(FirstSeen),
        LastSeen = item.RequiredTime(LastSeen),
        DeletedAt = item.Time(DeletedAt),
        Configuration = configuration,
    };

    public AbsentResource ToAbsent() => new(ToResource(null), item.Time(AbsentSince));

    /// <summary>The ARN, if the key cannot hold it.</summary>
    public static string? ArnIfCut(string organization, string accountId, string service, string arn) =>
        KeyOf(organization, AccountService.Of(accountId, service), arn).Range == arn ? null : arn;
}
