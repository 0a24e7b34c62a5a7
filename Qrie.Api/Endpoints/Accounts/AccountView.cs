using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;
using Qrie.Domain.Events;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>An account in lists. <c>ou</c> is never null, because the web client displays it as it is. The external id is not returned.</summary>
/// <param name="Status">active, pending or removed.</param>
/// <param name="Services">The watched services; null for all.</param>
/// <param name="RemovedBecause">requested or left_organization; null if it is not removed.</param>
internal record AccountView(
    string AccountId, string Ou, string? Name, string Status, IReadOnlyDictionary<string, string> Tags,
    string? RoleArn, bool HasExternalId, IReadOnlyList<string>? Regions, IReadOnlyList<string>? Services,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? RemovedAt,
    string? RemovedBecause, DateTimeOffset? LastInventoryAt, AccountHealthView Health)
{
    public static AccountView From(Account account, IReadOnlyList<AccountHealth> services, IReadOnlyList<EventRegion> places) => new(
        account.AccountId, account.Ou ?? "", account.Name, ApiEnumNames.Of(account.Status), account.Tags ?? new Dictionary<string, string>(), account.RoleArn,
        account.ExternalId is not null, account.Regions, account.Services, account.CreatedAt, account.UpdatedAt, account.RemovedAt,
        account.RemovedBecause is { } reason ? ApiEnumNames.Of(reason) : null, account.LastInventoryAt,
        AccountHealthView.From([.. services.Where(s => s.Service == AccountHealth.Whole || account.Watches(s.Service))], places));
}

/// <summary>The coverage of an account.</summary>
/// <param name="LastInventories">By service.</param>
/// <param name="LastError">Null if there is none now.</param>
/// <param name="CoveragePercent">The share of lists that were complete the last time; null if nothing was read yet.</param>
/// <param name="LastEventAt">Null if there were no events.</param>
/// <param name="EventLagMs">How long the last event took to arrive; null if there were no events.</param>
internal sealed record AccountHealthView(
    IReadOnlyDictionary<string, DateTimeOffset> LastInventories, AccountErrorView? LastError,
    double? CoveragePercent, DateTimeOffset? LastEventAt, long? EventLagMs)
{
    public static AccountHealthView From(IReadOnlyList<AccountHealth> services, IReadOnlyList<EventRegion> places)
    {
        var last = places.Where(p => p.LastEventAt is not null).MaxBy(p => p.LastEventAt);
        var error = services.Where(s => s.Error is not null).MaxBy(s => s.Error!.At);
        return new AccountHealthView(
            services.Where(s => s.LastInventoryAt is not null).ToDictionary(s => s.Service, s => s.LastInventoryAt!.Value),
            error is null ? null : AccountErrorView.From(error.Service, error.Error!), AccountHealth.CoveragePercent(services), last?.LastEventAt,
            (long?)(last?.LastReceivedAt - last?.LastEventAt)?.TotalMilliseconds);
    }
}

/// <param name="Service">Null for an error of access to the account.</param>
internal sealed record AccountErrorView(string? Service, string? Region, string? Type, string Code, string Message, DateTimeOffset At)
{
    public static AccountErrorView From(string service, AccountError error) =>
        new(service == AccountHealth.Whole ? null : service, error.Region, error.Type, error.Code, error.Message, error.At);
}
