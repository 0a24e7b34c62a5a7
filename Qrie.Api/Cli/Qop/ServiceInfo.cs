using System.Text.Json;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>The version and the state of the service.</summary>
internal sealed class ServiceInfo(ServiceClient service, QopReport report)
{
    public static readonly string[] Paths = ["/health", "/version", "/accounts", "/schedules", "/events/health?days=1"];

    private static readonly string[] _worthALook = ["/summary/dashboard", "/findings?state=ACTIVE", "/coverage", "/scans"];

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        // Not ready is a valid response too.
        var health = (await service.AskAsync(HttpMethod.Get, Paths[0], null, cancel)).Body;
        var version = await service.GetAsync(Paths[1], cancel);
        var accounts = await service.GetAsync(Paths[2], cancel);
        var schedules = await service.GetAsync(Paths[3], cancel);
        var events = await service.GetAsync(Paths[4], cancel);
        var (store, catalog) = (version.GetProperty("store"), version.GetProperty("catalog"));
        (string Name, string Value)[] lines =
        [
            ("API URL", service.Url.AbsoluteUri),
            ("Status", Text(health, "status")),
            ("Version", $"{Text(version, "version")} ({Text(version, "commit")}), {Text(version, "runtime")}, since {Text(version, "started_at")}"),
            ("Store", $"{Text(store, "kind")} {Text(store, "version")}, schema {store.GetProperty("schema")}"),
            ("Catalog",
                $"{catalog.GetProperty("services")} services, {catalog.GetProperty("resource_types")} resource types, "
                + $"{catalog.GetProperty("policies")} policies"),
            ("Accounts", $"{accounts.GetArrayLength()} active"),
            ("Queue", Queue(events)),
            .. schedules.GetProperty("schedules").EnumerateArray().Select(s => ($"Next {Text(s, "kind")}", $"{Text(s, "next_run")} ({Text(s, "cron")})")),
        ];
        var width = lines.Max(l => l.Name.Length) + 2;
        await report.ResultAsync(lines.Select(l => $"{(l.Name + ":").PadRight(width)}{l.Value}"));
        foreach (var warning in health.GetProperty("warnings").EnumerateArray())
        {
            await report.WarnAsync(warning.GetString()!);
        }

        await report.ResultAsync(["", .. _worthALook.Select(p => service.Curl(HttpMethod.Get, p))]);
        await report.FinishAsync(new
        {
            Url = service.Url,
            Health = health,
            Version = version,
            Accounts = accounts.GetArrayLength(),
            schedules = schedules.GetProperty("schedules"),
            Events = events,
        });
        return Text(health, "status") == "ok" ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Queue(JsonElement events) => events.TryGetProperty("queue", out var queue) && queue.ValueKind == JsonValueKind.Object
        ? $"{Text(queue, "name")}: " + (Text(queue, "problem") is var problem and not "–"
            ? problem
            : $"{queue.GetProperty("waiting")} waiting, {queue.GetProperty("in_flight")} in flight")
        : "none (Events:QueueUrl is not set)";

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "–";
}
