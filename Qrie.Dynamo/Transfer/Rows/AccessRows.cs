using System.Text.Json;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Access;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer.Rows;

/// <summary>Secrets and settings of the installation, organizations, keys, and what is recorded of callers.</summary>
internal static class AccessRows
{
    private const string Installation = "installation";

    /// <summary>How databases begin the names of secrets and settings.</summary>
    private static readonly (string Row, string Item)[] s_names = [("secret.", DynamoInstallation.Secret), ("setting.", DynamoInstallation.Setting)];

    public static IEnumerable<ImportStep> Steps =>
    [
        ImportStep.Of(Installation, ["name"], SettingAsync),
        ImportStep.Of("organizations", ["organization"], (session, row) =>
        {
            var organization = new Organization(row.Text("organization"), row.TextOrNull("name"), row.Time("created_at"));
            return session.PutAsync(DynamoOrganizationStore.KeyOf(organization.OrganizationId), organization);
        }),
        ImportStep.Of("api_keys", ["key_id"], (session, row) => DynamoApiKeyStore.AddAsync(session, KeyOf(row))),
        ImportStep.Of("audit", ["organization", "at", "audit_id"], (session, row) => DynamoAuditStore.AddAsync(session, EntryOf(row))),
        ImportStep.Of("refused_logins", ["day", "reason"], (session, row) =>
        {
            var count = new RefusedLoginCount(row.Day("day"), row.Name<KeyRefusal>("reason"), row.Number("n"));
            return session.PutAsync(DynamoRefusedLoginStore.KeyOf(count), count);
        }),
    ];

    public static void AddTo(StateRows rows) => rows
        .Add(DynamoOrganizationStore.Partition, async item =>
        {
            var organization = await item.ReadAsync<Organization>();
            return new TransferRow("organizations").Set("organization", organization.OrganizationId).Set("name", organization.Name)
                .Set("created_at", organization.CreatedAt);
        })
        .Add(DynamoApiKeyStore.Partition, async item => RowOf(await item.ReadAsync<ApiKey>()))
        .Add(DynamoAuditStore.LogOf(""), async item => RowOf(await item.ReadAsync<AuditEntry>()))
        .Add(DynamoRefusedLoginStore.Partition, async item =>
        {
            var count = await item.ReadAsync<RefusedLoginCount>();
            return new TransferRow("refused_logins").Set("day", count.Day).SetName<KeyRefusal>("reason", count.Reason).Set("n", count.N);
        })
        .Ignore("key", "audit-by");

    /// <summary>A row of an item of the installation; null if it describes the tables themselves.</summary>
    public static TransferRow? OfInstallation(Item item)
    {
        var key = item.RequiredText(StoreTables.Summary.Hash);
        foreach (var (row, prefix) in s_names)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return new TransferRow(Installation).Set("name", row + key[prefix.Length..]).Set("value", item.RequiredText(DynamoInstallation.Value));
            }
        }

        return null;
    }

    private static Task SettingAsync(WriteSession session, TransferRow row)
    {
        var name = row.Text("name");
        foreach (var (prefix, item) in s_names)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                session.Overwrite(
                    ItemKey.Of(StoreTables.Summary, item + name[prefix.Length..]), new Item().Set(DynamoInstallation.Value, row.Text("value")));
            }
        }

        return Task.CompletedTask;
    }

    private static ApiKey KeyOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        KeyId = row.Text("key_id"),
        Name = row.TextOrNull("name"),
        Role = row.Name<Role>("role"),
        SecretHash = row.Text("secret_hash"),
        CreatedAt = row.Time("created_at"),
        CreatedBy = row.Text("created_by"),
        ExpiresAt = row.TimeOrNull("expires_at"),
        RevokedAt = row.TimeOrNull("revoked_at"),
        LastUsedAt = row.TimeOrNull("last_used_at"),
    };

    private static TransferRow RowOf(ApiKey key) => new TransferRow("api_keys")
        .Set("organization", key.Organization).Set("key_id", key.KeyId).Set("name", key.Name).SetName<Role>("role", key.Role)
        .Set("secret_hash", key.SecretHash).Set("created_at", key.CreatedAt).Set("created_by", key.CreatedBy).Set("expires_at", key.ExpiresAt)
        .Set("revoked_at", key.RevokedAt).Set("last_used_at", key.LastUsedAt);

    private static AuditEntry EntryOf(TransferRow row) => new()
    {
        Organization = row.Text("organization"),
        AuditId = row.Text("audit_id"),
        At = row.Time("at"),
        Actor = new Actor(
            row.Text("actor"), row.TextOrNull("actor_name"), row.NameOrNull<Role>("role"), row.TextOrNull("address"), row.TextOrNull("request_id")),
        Action = row.Text("action"),
        Subject = row.Text("subject"),
        Status = row.Name<AuditStatus>("status"),
        Before = row.TextOrNull("before") is { } before ? JsonElement.Parse(before) : null,
        After = row.TextOrNull("after") is { } after ? JsonElement.Parse(after) : null,
    };

    private static TransferRow RowOf(AuditEntry entry) => new TransferRow("audit")
        .Set("organization", entry.Organization).Set("at", entry.At).Set("audit_id", entry.AuditId).Set("actor", entry.Actor.Id)
        .Set("actor_name", entry.Actor.Name).SetName("role", entry.Actor.Role).Set("address", entry.Actor.Address)
        .Set("request_id", entry.Actor.RequestId).Set("action", entry.Action).Set("subject", entry.Subject)
        .SetName<AuditStatus>("status", entry.Status).Set("before", entry.Before?.GetRawText()).Set("after", entry.After?.GetRawText());
}
