using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qrie.Api.Cli.Doctor;
using Qrie.Api.Cli.Service;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;
using Qrie.Api.Observability;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;
using Qrie.Aws.Inventory;
using Qrie.Aws.Api;
using Qrie.Domain;
using Qrie.Domain.Catalog.Loading;
using Qrie.Sql.Database;

namespace Qrie.Api.Cli.Support;

/// <summary>The files of <c>qrie support</c>. Each is made by itself: one that cannot be made has the reason in it.</summary>
internal sealed partial class SupportBundle(
    CliConsole console, IConfiguration configuration, ServiceClient service, Action<IServiceCollection>? adjust, bool hidesAccounts, bool withDoctor)
{
    private static readonly JsonSerializerOptions _json = new(ApiJson.Options) { WriteIndented = true };

    private readonly IReadOnlyList<string> _secrets = ShownSettings.SecretsOf(configuration);
    private readonly Dictionary<string, string> _accounts = [];

    /// <summary>Returns the names of its files.</summary>
    /// <param name="file">Replaced if it exists.</param>
    public async Task<IReadOnlyList<string>> WriteAsync(string file, CancellationToken cancel)
    {
        var names = new List<string>();
        var partial = $"{file}.partial";
        try
        {
            await using (var output = new FileStream(partial, PrivateFiles.Options(FileMode.Create, FileAccess.Write, FileShare.None)))
            {
                PrivateFiles.Protect(partial); // one that was left behind keeps its mode
                await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: false, Encoding.UTF8, cancel);
                await foreach (var (name, content) in FilesAsync(cancel))
                {
                    await using var entry = await zip.CreateEntry(name, CompressionLevel.Optimal).OpenAsync(cancel);
                    await entry.WriteAsync(Encoding.UTF8.GetBytes(Clean(content)), cancel);
                    names.Add(name);
                }
            }

            File.Move(partial, file, overwrite: true);
            return names;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async IAsyncEnumerable<(string Name, string Content)> FilesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        yield return ("versions.json", await JsonAsync(() => Task.FromResult<object>(Versions())));
        yield return ("catalog.json", await JsonAsync(() => Task.FromResult<object>(Catalog())));
        yield return ("configuration.json", await JsonAsync(() => Task.FromResult<object>(ShownSettings.Of(configuration))));
        yield return ("health.json", await JsonAsync(() => HealthAsync(cancel)));
        if (withDoctor)
        {
            yield return ("doctor.json", await DoctorAsync(cancel));
        }

        foreach (var (name, readAsync) in (IEnumerable<(string, Func<CommandStore, Task<object>>)>)
            [
                ("store.json", store => StoreContents.SizesAsync(store, StoreSettings.Read(configuration), cancel)),
                ("scans.json", store => StoreContents.ScansAsync(store, cancel)),
                ("coverage.json", store => StoreContents.CoverageAsync(store, cancel)),
            ])
        {
            yield return (name, await JsonAsync(() => ReadStoreAsync(readAsync, cancel)));
        }
    }

    private object Versions() => new
    {
        CreatedAt = console.Clock.GetUtcNow(),
        Qrie = QrieVersion.Current,
        QrieVersion.Commit,
        Runtime = RuntimeInformation.FrameworkDescription,
        Os = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
        Processors = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        InContainer = Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true",
    };

    private object Catalog()
    {
        var own = configuration["Catalog:Path"];
        var catalog = CatalogLoader.Load(
            QrieServices.CatalogFolders(configuration), new ModelShapes(ModelCatalog.OpenShipped(own), ReadList.OpenShipped(own)));
        return new
        {
            Digest = StateMetrics.DigestOf(catalog),
            Services = catalog.Services.Count,
            ResourceTypes = catalog.Services.Sum(s => s.Resources.Count),
            Policies = catalog.Policies.Count,
            Frameworks = catalog.Frameworks.Select(f => new { f.Id, f.Version }),
            HasOwn = own is { Length: > 0 },
        };
    }

    /// <summary>What a running service says; <c>/health</c> has more for a key.</summary>
    private async Task<object> HealthAsync(CancellationToken cancel)
    {
        var answers = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var path in (string[])["/health", "/health/ready", "/version", "/events/health?days=1", "/schedules"])
        {
            try
            {
                var answer = await service.AskAsync(HttpMethod.Get, path, null, cancel);
                answers[path] = new { answer.Status, answer.Body };
            }
            catch (ServiceUnreachableException e)
            {
                answers[path] = new { Error = e.Message };
                break;
            }
        }

        return answers;
    }

    private async Task<string> DoctorAsync(CancellationToken cancel)
    {
        await using var output = new StringWriter();
        var report = new DoctorReport(console with { Output = output }, json: true);
        await DoctorCommand.RunAsync(configuration, service, report, console.Clock, adjust, cancel);
        cancel.ThrowIfCancellationRequested();
        return output.ToString();
    }

    private async Task<object> ReadStoreAsync(Func<CommandStore, Task<object>> readAsync, CancellationToken cancel)
    {
        var settings = StoreSettings.Read(configuration);
        if (settings.IsFile && !File.Exists(settings.Path))
        {
            return new { Error = "There is no store yet." };
        }

        if (settings.Dynamo is not null)
        {
            await using var tables = await settings.FindAsync(cancel);
            return tables is null ? new { Error = "The tables are missing or cannot be read; qrie doctor says why." } : await readAsync(tables);
        }

        await using var store = CommandStore.Of(settings.OpenBeside());
        var database = store.Database!;
        var schema = await Migrator.FindSchemaAsync(database, cancel);
        return schema == Migrator.Latest(database) ? await readAsync(store)
            : new { Error = $"The store has schema {schema}; this version reads {Migrator.Latest(database)}." };
    }

    /// <summary>The file, or why it cannot be made.</summary>
    private static async Task<string> JsonAsync(Func<Task<object>> makeAsync)
    {
        try
        {
            return JsonSerializer.Serialize(await makeAsync(), _json);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            return JsonSerializer.Serialize(new { Error = $"{e.GetType().Name}: {e.Message}" }, _json);
        }
    }

    /// <summary>Whatever a message may have repeated.</summary>
    private string Clean(string content)
    {
        foreach (var secret in _secrets)
        {
            content = content.Replace(secret, ShownSettings.Hidden, StringComparison.Ordinal);
            content = content.Replace(JsonEncodedText.Encode(secret).ToString(), ShownSettings.Hidden, StringComparison.Ordinal);
        }

        content = SecretPatterns.Strike(content);
        return !hidesAccounts ? content : AccountId().Replace(content, match =>
            _accounts.TryGetValue(match.Value, out var name) ? name : _accounts[match.Value] = $"account-{_accounts.Count + 1}");
    }

    [GeneratedRegex(@"(?<![0-9])[0-9]{12}(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex AccountId();
}
