using Qrie.Domain.Accounts;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts;

internal sealed class AccountRow
{
    public string Organization { get; set; } = "";
    public string AccountId { get; set; } = "";
    public string? Name { get; set; }
    public string? Ou { get; set; }
    public string? Tags { get; set; }
    public string? RoleArn { get; set; }
    public string? ExternalId { get; set; }
    public string? Regions { get; set; }
    public string? Services { get; set; }
    public string Status { get; set; } = "";
    public long CreatedAt { get; set; }
    public long UpdatedAt { get; set; }
    public long? LastInventoryAt { get; set; }
    public string? KnownRegions { get; set; }
    public string? MemberOf { get; set; }
    public long? RemovedAt { get; set; }
    public string? RemovedBecause { get; set; }

    public static AccountRow Of(Account account) => new()
    {
        Organization = account.Organization,
        AccountId = account.AccountId,
        Name = account.Name,
        Ou = account.Ou,
        Tags = Columns.JsonOrNull(account.Tags),
        RoleArn = account.RoleArn,
        ExternalId = account.ExternalId,
        Regions = Columns.JsonOrNull(account.Regions),
        Services = Columns.JsonOrNull(account.Services),
        Status = Columns.Name(account.Status),
        CreatedAt = Columns.Ms(account.CreatedAt),
        UpdatedAt = Columns.Ms(account.UpdatedAt),
        MemberOf = account.MemberOf,
        RemovedAt = Columns.Ms(account.RemovedAt),
        RemovedBecause = account.RemovedBecause is { } reason ? Columns.Name(reason) : null,
    };

    public Account ToAccount() => new()
    {
        Organization = Organization,
        AccountId = AccountId,
        Name = Name,
        Ou = Ou,
        Tags = Columns.FromJsonOrNull<Dictionary<string, string>>(Tags),
        RoleArn = RoleArn,
        ExternalId = ExternalId,
        Regions = Columns.FromJsonOrNull<List<string>>(Regions),
        Services = Columns.FromJsonOrNull<List<string>>(Services),
        Status = Columns.Parse<AccountStatus>(Status),
        CreatedAt = Columns.Time(CreatedAt),
        UpdatedAt = Columns.Time(UpdatedAt),
        LastInventoryAt = Columns.Time(LastInventoryAt),
        KnownRegions = Columns.FromJsonOrNull<List<string>>(KnownRegions),
        MemberOf = MemberOf,
        RemovedAt = Columns.Time(RemovedAt),
        RemovedBecause = Columns.ParseOrNull<RemovalReason>(RemovedBecause),
    };
}
