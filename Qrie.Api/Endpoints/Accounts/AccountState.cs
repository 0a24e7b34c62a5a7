using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>An account as recorded in the audit log: whether it has an external id, not its value.</summary>
internal sealed record AccountState(
    string Status, string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags, string? RoleArn, bool HasExternalId, IReadOnlyList<string>? Regions,
    IReadOnlyList<string>? Services)
{
    public static AccountState? Of(Account? a) =>
        a is null ? null : new AccountState(ApiEnumNames.Of(a.Status), a.Name, a.Ou, a.Tags, a.RoleArn, a.ExternalId is not null, a.Regions, a.Services);
}
