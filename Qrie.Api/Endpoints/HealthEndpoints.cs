using Microsoft.AspNetCore.Http.HttpResults;
using Qrie.Api.Access;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Alerts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Api.Endpoints;

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Health").AllowAnonymous();
        group.MapGet("", GetHealth).WithSummary("Whether the service is ready, with progress and warnings").Produces<HealthView>(503);
        group.MapGet("/ready", GetReadyAsync).WithSummary("Whether it serves: 503 names what is not ready").Produces<ReadyView>(503);
        group.MapGet("/live", () => TypedResults.Ok(new LiveView("alive"))).WithSummary("Whether the process responds");
    }

    private static async Task<Results<Ok<HealthView>, JsonHttpResult<HealthView>>> GetHealth(
        Readiness readiness, ICatalog catalog, IInstallation installation, IAccountStore accounts, IAlertStore alerts, IArchiveStore archives,
        IReplicas replicas, HttpContext context, CancellationToken cancel)
    {
        var caller = Caller.TryOf(context) is { Accounts: null } known ? known : null; // its warnings are about all accounts
        var warnings = caller?.Organization == Organizations.Default ? readiness.Warnings.ToList() : [];
        try
        {
            var (kind, version) = await installation.DescribeStoreAsync(cancel);
            if (caller is null)
            {
                return Answer(readiness, new HealthView(StatusOf(readiness), null, null, null, null, readiness.Progress, []));
            }

            var registered = await accounts.ListAsync(caller.Organization, includeRemoved: false, cancel);
            if (registered.Count == 0)
            {
                warnings.Add("No account is registered: register one with POST /accounts, or give Qrie AWS credentials and restart it.");
            }

            warnings.AddRange((await alerts.ListFailingAsync(caller.Organization, cancel)).Select(rule =>
                $"The last message of the alert \"{rule.Name}\" could not be delivered: see GET /alerts/{rule.AlertId}/deliveries."));
            warnings.AddRange((await archives.ListFailingAsync(caller.Organization, cancel)).Select(archive =>
                $"An archive {(archive.Reason == ArchiveReason.Purge ? $"of account {archive.AccountId}, whose purge waits for it, " : "")}"
                + $"could not be written: {archive.Error}"));
            var current = catalog.Current;
            return Answer(readiness, new HealthView(
                StatusOf(readiness), QrieVersion.Current, new StoreView(kind, version),
                new CatalogView(current.Services.Count, current.Services.Sum(s => s.Resources.Count), current.Policies.Count),
                registered.Count, readiness.Progress, warnings)
            {
                Replicas = caller.Organization != Organizations.Default ? null
                    : [.. (await replicas.ListAsync(cancel)).Select(r => new ReplicaView(r.Id, r.Host, r.StartedAt, r.LastSeenAt, r.Id == replicas.Id))],
            });
        }
        catch (StoreUnavailableException e)
        {
            return TypedResults.Json(
                new HealthView(
                    "unavailable", caller is null ? null : QrieVersion.Current, null, null,
                    caller is null ? null : 0, null, caller is null ? [] : [.. warnings, e.Message]),
                statusCode: 503);
        }
    }

    /// <summary>Names only: callers without a key see nothing else.</summary>
    private static async Task<Results<Ok<ReadyView>, JsonHttpResult<ReadyView>>> GetReadyAsync(
        Readiness readiness, IInstallation installation, CancellationToken cancel)
    {
        var missing = new List<string>();
        if (readiness.NotReadyBecause is not null)
        {
            missing.Add("start");
        }

        try
        {
            await installation.DescribeStoreAsync(cancel);
        }
        catch (StoreUnavailableException)
        {
            missing.Add("store");
        }

        return missing.Count == 0
            ? TypedResults.Ok(new ReadyView("ready", missing))
            : TypedResults.Json(new ReadyView("not_ready", missing), statusCode: 503);
    }

    private static string StatusOf(Readiness readiness) => readiness.NotReadyBecause is null ? "ok" : "starting";

    private static Results<Ok<HealthView>, JsonHttpResult<HealthView>> Answer(Readiness readiness, HealthView view) =>
        readiness.NotReadyBecause is null ? TypedResults.Ok(view) : TypedResults.Json(view, statusCode: 503);

    /// <param name="Status">ready or not_ready.</param>
    /// <param name="NotReady">start: the service has not finished starting. store: it cannot be read.</param>
    internal sealed record ReadyView(string Status, IReadOnlyList<string> NotReady);

    internal sealed record LiveView(string Status);

    /// <summary>Unauthenticated callers see only the status and the progress.</summary>
    internal sealed record HealthView(
        string Status, string? Version, StoreView? Store, CatalogView? Catalog, int? Accounts, string? Progress, IReadOnlyList<string> Warnings)
    {
        /// <summary>The living processes that share the store, for callers of the default organization; null for others.</summary>
        public IReadOnlyList<ReplicaView>? Replicas { get; init; }
    }

    /// <param name="Answering">Whether it is the one that answers.</param>
    internal sealed record ReplicaView(string ReplicaId, string Host, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt, bool Answering);

    internal sealed record StoreView(string Kind, string Version);

    internal sealed record CatalogView(int Services, int ResourceTypes, int Policies);
}
