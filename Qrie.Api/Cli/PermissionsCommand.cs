using System.CommandLine;
using System.Text.Json;
using Qrie.Api.Endpoints.Permissions;
using Qrie.Api.Hosting;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Cli;

/// <summary>Prints the permissions that the role in an account needs.</summary>
internal static class PermissionsCommand
{
    private const int WrongUse = 2;

    /// <param name="load">The catalog and its permissions.</param>
    /// <param name="openStore">The service's store, for <c>--policies launched</c>; null if it cannot be opened.</param>
    public static Command Of(Func<(ResourceCatalog Catalog, CatalogPermissions Permissions)> load, Func<CancellationToken, Task<CommandStore?>> openStore)
    {
        var policies = new Option<string?>("--policies")
        {
            Description = "A comma-separated list of policies, or launched: only what these need. By default, what an inventory reads",
        };
        var services = new Option<string?>("--services") { Description = "A comma-separated list of services" };
        var format = new Option<string>("--format")
        {
            Description = "json (IAM policy documents), cfn (CloudFormation) or tf (Terraform)",
            DefaultValueFactory = _ => "json",
        };
        format.AcceptOnlyFromAmong("json", "cfn", "tf");
        var command = new Command("permissions", "Print the IAM actions that the role in an account needs, generated from the catalog.")
        {
            policies,
            services,
            format,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            try
            {
                var (catalog, permissions) = load();
                var launched = parsed.GetValue(policies) == PermissionChoice.Launched ? await LaunchedAsync(openStore, cancel) : [];
                var choice = PermissionChoice.Read(parsed.GetValue(policies), parsed.GetValue(services), launched, catalog);
                await Console.Out.WriteLineAsync(Text(choice.Of(permissions, catalog), parsed.GetValue(format)!, catalog));
                return 0;
            }
            catch (Exception e) when (e is CatalogException or InvalidInputException or ConflictException or StartRefusedException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return WrongUse;
            }
        });
        return command;
    }

    private static async Task<IReadOnlyList<string>> LaunchedAsync(Func<CancellationToken, Task<CommandStore?>> openStore, CancellationToken cancel)
    {
        await using var store = await openStore(cancel)
            ?? throw new ConflictException("The store is in use or does not exist. Ask the running service: GET /permissions?policies=launched&format=cfn.");
        return [.. (await store.Get<IPolicyStore>().ListAsync(Organizations.Default, cancel))
            .Where(p => p.Status == PolicyStatus.Active).Select(p => p.PolicyId)];
    }

    private static string Text(IReadOnlyList<RequiredAction> required, string format, ResourceCatalog catalog)
    {
        List<string> actions = [.. required.Select(a => a.Action)];
        return format switch
        {
            "cfn" => CustomerTemplate.Of(catalog, actions).TrimEnd(),
            "tf" => PolicyDocuments.Terraform(actions).TrimEnd(),
            _ => JsonSerializer.Serialize(PolicyDocuments.Of(actions), IamJson.Options),
        };
    }
}
