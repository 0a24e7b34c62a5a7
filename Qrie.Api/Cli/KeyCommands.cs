using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;

namespace Qrie.Api.Cli;

/// <summary>
/// <c>qrie keys</c>: works directly on the store, whether or not the service is running, because creating the first key cannot require a key.
/// </summary>
internal static class KeyCommands
{
    public static Command Build()
    {
        var organization = new Option<string>("--organization")
        {
            Description = "The organization; by default that of the installation",
            DefaultValueFactory = _ => Organizations.Default,
        };
        return new Command("keys", "Create, list and revoke API keys, directly in the store. Works while the service is running.")
        {
            Create(organization),
            List(organization),
            Revoke(organization),
        };
    }

    private static Command Create(Option<string> organization)
    {
        var role = new Option<string>("--role") { Description = "reader, auditor, operator or admin", Required = true };
        var name = new Option<string?>("--name") { Description = "What the key is for" };
        var expires = new Option<string?>("--expires") { Description = "The lifetime in days or hours: 90d, 12h; by default unlimited" };
        var create = new Command("create", "Create a key and print it; it is shown only once.") { role, organization, name, expires };
        create.SetAction((parsed, cancel) => RunAsync(
            command => command.CreateAsync(parsed.GetValue(role)!, parsed.GetValue(organization)!, parsed.GetValue(name), parsed.GetValue(expires), cancel),
            cancel));
        return create;
    }

    private static Command List(Option<string> organization)
    {
        var list = new Command("list", "List the organization's keys.") { organization };
        list.SetAction((parsed, cancel) => RunAsync(command => command.ListAsync(parsed.GetValue(organization)!, cancel), cancel));
        return list;
    }

    private static Command Revoke(Option<string> organization)
    {
        var id = new Argument<string>("key_id") { Description = "As printed by the list" };
        var revoke = new Command("revoke", "Revoke a key immediately and permanently.") { id, organization };
        revoke.SetAction((parsed, cancel) => RunAsync(command => command.RevokeAsync(parsed.GetValue(id)!, parsed.GetValue(organization)!, cancel), cancel));
        return revoke;
    }

    private static async Task<int> RunAsync(Func<KeysCommand, Task<int>> run, CancellationToken cancel)
    {
        try
        {
            await using var store = await StoreSettings.Read(CommandLine.Configuration()).OpenCurrentAsync(cancel);
            var (keys, organizations, clock) = (store.Get<IApiKeyStore>(), store.Get<IOrganizationStore>(), TimeProvider.System);
            await new OrganizationRegistry(organizations, clock).EnsureDefaultAsync(cancel);
            return await run(new KeysCommand(
                new ApiKeys(keys, organizations, clock), keys,
                new AuditTrail(store.Get<IAuditStore>(), clock, NullLogger<AuditTrail>.Instance), clock, Console.Out, Console.Error));
        }
        catch (Exception e) when (e is StoreUnavailableException or StartRefusedException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return KeysCommand.Refused;
        }
    }
}
