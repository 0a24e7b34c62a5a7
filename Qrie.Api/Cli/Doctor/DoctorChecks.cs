using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Service;
using Qrie.Api.Hosting;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Events;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Runs all checks in the order of their dependencies.</summary>
internal sealed class DoctorChecks(IServiceProvider services, IConfiguration configuration, ServiceClient service, DoctorReport report)
{
    private const string NoWay = "This needs working credentials.";

    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();

    public async Task RunAsync(CancellationToken cancel)
    {
        var options = services.GetRequiredService<IOptions<AwsApiOptions>>().Value;
        var (api, region, ambient) = (
            services.GetRequiredService<IAwsApi>(), services.GetRequiredService<AwsRegion>(), services.GetRequiredService<AmbientIdentityLookup>());
        var credentials = new CredentialsCheck(ambient, api, region);
        await report.ProgressAsync("credentials");
        await report.AddAsync(await credentials.RunAsync(cancel));
        await report.ProgressAsync("clock");
        await report.AddAsync(await new ClockCheck(services.GetRequiredService<ModelCatalog>(), region, options, _clock).RunAsync(cancel));
        if (ambient.Known is null)
        {
            await SayAsync([Diagnostic.Skipped("regions", NoWay), Diagnostic.Skipped("queue", NoWay)]);
        }
        else
        {
            await report.ProgressAsync("regions");
            await SayAsync(await credentials.RegionsAsync(options.Regions, cancel));
            await report.ProgressAsync("queue");
            await SayAsync(await new QueueCheck(services.GetRequiredService<SqsQueues>(), configuration["Events:QueueUrl"]).RunAsync(cancel));
        }

        await report.ProgressAsync("store");
        var settings = StoreSettings.Read(configuration);
        var store = settings.Dynamo is { } tables ? await DynamoStoreCheck.RunAsync(tables, cancel)
            : settings.IsFile ? await new StoreCheck(settings, service).RunAsync(cancel)
            : await ServerStoreCheck.RunAsync(settings.OpenBeside, cancel);
        await using var opened = store.Store;
        await SayAsync(store.Diagnostics);
        if (store.IsServed)
        {
            await new ServedAccountsCheck(service, report).RunAsync(cancel);
        }
        else if (ambient.Known is { } identity)
        {
            await AccountsAsync(opened?.Get<IAccountStore>(), identity, cancel);
        }
        else
        {
            await SayAsync([Diagnostic.Skipped("accounts", NoWay), Diagnostic.Skipped("services", NoWay)]);
        }
    }

    private async Task AccountsAsync(IAccountStore? store, AmbientIdentity identity, CancellationToken cancel)
    {
        IReadOnlyList<Account> known = store is null
            ? []
            : [.. (await store.ListAsync(Organizations.Default, includeRemoved: false, cancel)).OrderBy(a => a.AccountId, StringComparer.Ordinal)];
        // Before the first start nothing is registered; the first account will be Qrie's own.
        var accounts = known.Count > 0 ? known : [new Account { Organization = Organizations.Default, AccountId = identity.AccountId }];
        var check = new AccountsCheck(
            services.GetRequiredService<AccountCheck>(), services.GetRequiredService<ResourceCatalog>(),
            services.GetRequiredService<CatalogPermissions>(), report, _clock);
        var entered = await check.EnterAllAsync(accounts, cancel);
        if (entered.Count > 0)
        {
            await check.ServicesAsync(entered.FirstOrDefault(a => a.AccountId == identity.AccountId) ?? entered[0], cancel);
        }
        else
        {
            await report.AddAsync(Diagnostic.Skipped("services", "No account is accessible."));
        }
    }

    private async Task SayAsync(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            await report.AddAsync(diagnostic);
        }
    }
}
