using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Validation;
using Qrie.Dynamo;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Checks that the tables in DynamoDB can be reached and used. A running service does not prevent that, and nothing is made.</summary>
internal static class DynamoStoreCheck
{
    private const string Check = "store";

    public static async Task<OpenedStore> RunAsync(DynamoStoreSettings settings, CancellationToken cancel)
    {
        var store = CommandStore.Of(settings with { CreateTables = false });
        try
        {
            var missing = await store.Get<DynamoTables>().ListMissingAsync(cancel);
            if (missing.Count > 0)
            {
                await store.DisposeAsync();
                var names = string.Join(", ", missing);
                return new OpenedStore(
                    [
                        settings.CreateTables
                            ? Diagnostic.Ok(Check, $"dynamodb in {settings.Region}, without {names}; Qrie will create them when it starts")
                            : Diagnostic.Problem(
                                Check, $"These DynamoDB tables are missing in {settings.Region}: {names}.",
                                "Create them with deploy/qrie-dynamodb.yaml, or set Store:CreateTables to true."),
                    ],
                    null, false);
            }

            var installation = store.Get<IInstallation>();
            await installation.PrepareAsync(cancel);
            return new OpenedStore(
                [
                    Diagnostic.Ok(
                        Check, $"dynamodb in {settings.Region}, tables {settings.Store.TablePrefix}*, schema {await installation.SchemaAsync(cancel)}"),
                    .. (await installation.ListStoreWarningsAsync(cancel)).Select(warning => Diagnostic.Warning(
                        Check, warning, "Correct it in DynamoDB, or permit Qrie to do so.")),
                ],
                store, false);
        }
        catch (StoreUnavailableException e)
        {
            await store.DisposeAsync();
            return new OpenedStore([Diagnostic.Problem(Check, e.Message, "Fix the cause given in the message.")], null, false);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }
}
