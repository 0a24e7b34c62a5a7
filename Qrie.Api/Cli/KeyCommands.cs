using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;
using Qrie.Sql;
using Qrie.Sql.Access;
using Qrie.Sql.Database;

namespace Qrie.Api.Cli;

/// <summary><c>qrie keys</c>: works on the store itself, whether the service runs or not, because the first key cannot be asked for with a key.</summary>
internal static class KeyCommands
{
    public static Command Build()
    {
        var organization = new Option<string>("--organization")
        {
            Description = "Whose; without it that of the installation",
            DefaultValueFactory = _ => Organizations.Default,
        };
        return new Command("keys", "Make, list and revoke API keys, in the store itself. Works while the service runs.")
        {
            Create(organization),
            List(organization),
            Revoke(organization),
        };
    }

    private static Command Create(Option<string> organization)
    {
        var role = new Option<string>("--role") { Description = "reader, operator or admin", Required = true };
        var name = new Option<string?>("--name") { Description = "What it is for" };
        var expires = new Option<string?>("--expires") { Description = "After how many days or hours: 90d, 12h; without it never" };
        var create = new Command("create", "Make a key and print it, this once.") { role, organization, name, expires };
        create.SetAction((parsed, cancel) => RunAsync(
            command => command.CreateAsync(parsed.GetValue(role)!, parsed.GetValue(organization)!, parsed.GetValue(name), parsed.GetValue(expires), cancel),
            cancel));
        return create;
    }

    private static Command List(Option<string> organization)
    {
        var list = new Command("list", "Print the organization's keys.") { organization };
        list.SetAction((parsed, cancel) => RunAsync(command => command.ListAsync(parsed.GetValue(organization)!, cancel), cancel));
        return list;
    }

    private static Command Revoke(Option<string> organization)
    {
        var id = new Argument<string>("key_id") { Description = "As the list shows it" };
        var revoke = new Command("revoke", "Revoke a key, at once and for good.") { id, organization };
        revoke.SetAction((parsed, cancel) => RunAsync(command => command.RevokeAsync(parsed.GetValue(id)!, parsed.GetValue(organization)!, cancel), cancel));
        return revoke;
    }

    private static async Task<int> RunAsync(Func<KeysCommand, Task<int>> run, CancellationToken cancel)
    {
        try
        {
            await using var store = await OpenAsync(CommandLine.Configuration(), cancel);
            var (keys, organizations, clock) = (new SqlApiKeyStore(store), new SqlOrganizationStore(store), TimeProvider.System);
            await new OrganizationRegistry(organizations, clock).EnsureDefaultAsync(cancel);
            return await run(new KeysCommand(
                new ApiKeys(keys, organizations, clock), keys,
                new AuditTrail(new SqlAuditStore(store), clock, NullLogger<AuditTrail>.Instance), clock, Console.Out, Console.Error));
        }
        catch (StoreUnavailableException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return KeysCommand.Refused;
        }
    }

    /// <summary>Beside the service, if there is a store of this version already; else alone, to make or to change it.</summary>
    private static async Task<SqliteDatabase> OpenAsync(IConfiguration configuration, CancellationToken cancel)
    {
        if (configuration["Store:Kind"] is { Length: > 0 } kind and not "sqlite")
        {
            throw new StoreUnavailableException($"Store:Kind is '{kind}'; this version knows only 'sqlite'.");
        }

        var path = configuration["Store:Path"] ?? "data/qrie.db";
        if (File.Exists(path))
        {
            var beside = SqliteDatabase.OpenBeside(path);
            if (await Migrator.IsCurrentAsync(beside, cancel))
            {
                return beside;
            }

            await beside.DisposeAsync();
        }

        var alone = SqliteDatabase.Open(path);
        await new SqlInstallation(alone).PrepareAsync(cancel);
        return alone;
    }
}
