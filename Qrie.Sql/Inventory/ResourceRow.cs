using Qrie.Domain.Inventory;

namespace Qrie.Sql.Inventory;

/// <summary>The state row, with the configuration if it was joined.</summary>
internal class ResourceRow
{
    /// <summary>The columns of <c>resources r</c>.</summary>
    public const string Columns =
        """
        r.account_service, r.arn, r.type, r.resource_id, r.region, r.listed_in, r.tags, r.unknown, r.hash, r.describe_time, r.first_seen,
        r.last_seen, r.deleted_at, r.absent_since, r.change_seq, r.size
        """;

    public string AccountService { get; set; } = "";
    public string Arn { get; set; } = "";
    public string Type { get; set; } = "";
    public string ResourceId { get; set; } = "";
    public string Region { get; set; } = "";
    public string ListedIn { get; set; } = "";
    public string? Tags { get; set; }
    public string? Unknown { get; set; }
    public string Hash { get; set; } = "";
    public long DescribeTime { get; set; }
    public long FirstSeen { get; set; }
    public long LastSeen { get; set; }
    public long? DeletedAt { get; set; }
    public long? AbsentSince { get; set; }
    public long ChangeSeq { get; set; }

    /// <summary>The size of the configuration before compression, in bytes.</summary>
    public long Size { get; set; }
    public byte[]? Configuration { get; set; }

    public StoredResource ToResource() => new()
    {
        AccountService = AccountService,
        Arn = Arn,
        Type = Type,
        Id = ResourceId,
        Region = Region,
        ListedIn = ListedIn,
        Tags = Database.Columns.FromJsonOrNull<Dictionary<string, string>>(Tags),
        Hash = Hash,
        DescribeTime = Database.Columns.Time(DescribeTime),
        FirstSeen = Database.Columns.Time(FirstSeen),
        LastSeen = Database.Columns.Time(LastSeen),
        DeletedAt = Database.Columns.Time(DeletedAt),
        Configuration = Configuration is null ? null : Database.CompressedJson.Read(Configuration, (int)Size),
    };

    /// <summary>Attributes that could not be read, with the code; empty for a deleted resource.</summary>
    public IReadOnlyDictionary<string, string> UnknownAttributes() =>
        Database.Columns.FromJsonOrNull<Dictionary<string, string>>(Unknown) ?? [];
}
