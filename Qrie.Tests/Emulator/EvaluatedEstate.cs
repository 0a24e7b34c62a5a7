using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain.Catalog;
using Qrie.Tests.Api;

namespace Qrie.Tests.Emulator;

/// <summary>The estate in a service with every policy launched, read and evaluated once; nothing may change it.</summary>
public sealed class EvaluatedEstate : IAsyncLifetime
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    /// <summary>What is supported today is not one day: versions of the estate's clusters and functions whose support does not end.</summary>
    private static readonly Dictionary<string, object> Undated = new()
    {
        ["EKSVersionUnsupported"] = new { supported_until = new[] { "1.28 2024-11-26", "1.35 2999-01-01" } },
        ["LambdaFunctionRuntimeDeprecated"] = new { deprecated_from = new[] { "python3.8 2024-10-14", "python3.13 2999-01-01" } },
    };

    private FaultProxy _proxy = null!;

    internal BuiltEstate Estate { get; private set; } = null!;

    internal RunningQrie Qrie { get; private set; } = null!;

    /// <summary>One of each account, ended.</summary>
    internal IReadOnlyList<JsonElement> Inventories { get; private set; } = [];

    internal IReadOnlyList<ProxiedRequest> Requests => _proxy.Requests;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.MissingProgram("moto_server") is not null)
        {
            return;
        }

        Estate = await BuiltEstate.CreateAsync();
        _proxy = await FaultProxy.StartAsync();
        Estate.Govern(_proxy);
        Qrie = await RunningQrie.StartAtAsync(_proxy.Url, settings: $"--Aws:Regions={string.Join(',', Estate.Regions)}");
        await ReadAndEvaluateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Qrie is not null)
        {
            await Qrie.DisposeAsync();
            await _proxy.DisposeAsync();
        }
    }

    private async Task ReadAndEvaluateAsync()
    {
        foreach (var account in Estate.Accounts)
        {
            (await Qrie.PostAsync("/accounts", new { account_id = account })).Status.ShouldBe(HttpStatusCode.Created);
        }

        var inventories = new List<JsonElement>();
        foreach (var scan in await StartedAsync(Estate.Accounts.Select(account => ("/scans", (object)new { kind = "inventory", account_id = account }))))
        {
            inventories.Add(await CompletedAsync(scan));
        }

        Inventories = inventories;
        var policies = Qrie.Services.GetRequiredService<ICatalog>().Current.Policies.Where(p => !p.Deprecated).Select(p => p.Id).ToList();
        foreach (var scan in await StartedAsync(
            Undated.Select(p => ("/policies/launch", (object)new { policy_id = p.Key, @params = p.Value }))
                .Append(("/policies/launch", new { policy_ids = policies.Except(Undated.Keys) }))))
        {
            await CompletedAsync(scan);
        }
    }

    private async Task<List<string>> StartedAsync(IEnumerable<(string Path, object Body)> starts)
    {
        var scans = new List<string>();
        foreach (var (path, body) in starts)
        {
            var (status, answer) = await Qrie.PostAsync(path, body);
            ((int)status).ShouldBeInRange(200, 299, answer.ToString());
            scans.Add(answer.GetProperty("scan_id").GetString()!);
        }

        return scans;
    }

    private async Task<JsonElement> CompletedAsync(string scan)
    {
        var ended = await Qrie.FinishedAsync(scan, TimeLimit);
        ended.GetProperty("status").GetString().ShouldBe("completed");
        return ended;
    }
}
