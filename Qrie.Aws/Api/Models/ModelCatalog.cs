using System.Collections.Concurrent;
using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>
/// The service models and endpoints of <c>catalog/aws</c>. A model is read when it is first requested, and then cached.
/// </summary>
public sealed class ModelCatalog
{
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<ServiceModel>> _models = new(StringComparer.Ordinal);

    private ModelCatalog(EndpointTable endpoints, SecretMembers secrets, ResponseFacts responses)
    {
        Endpoints = endpoints;
        Secrets = secrets;
        Responses = responses;
    }

    /// <summary>Partitions, regions and host names.</summary>
    public EndpointTable Endpoints { get; }

    /// <summary>Members that are sensitive although AWS does not mark them.</summary>
    internal SecretMembers Secrets { get; }

    /// <summary>Facts about responses that the models lack.</summary>
    internal ResponseFacts Responses { get; }

    /// <summary>The names of all services with a model, sorted.</summary>
    public IReadOnlyList<string> Services { get; private set; } = [];

    /// <summary>Opens folders with the structure of <c>catalog/aws</c>; a model in a later folder replaces one of the same name in an earlier one.</summary>
    /// <param name="folders">The shipped folder first; it must contain <c>endpoints.json</c>. In the others every file is optional.</param>
    /// <exception cref="AwsCatalogException">A folder or file is missing or not readable.</exception>
    public static ModelCatalog Open(params IReadOnlyList<string> folders)
    {
        var table = folders.Select(f => Path.Combine(f, "endpoints.json")).LastOrDefault(File.Exists)
            ?? throw new AwsCatalogException($"{string.Join(", ", folders)}: no endpoints.json. Is this the folder catalog/aws?");
        var catalog = new ModelCatalog(EndpointTable.Read(table), SecretMembers.Open(folders), ResponseFacts.Open(folders));
        foreach (var folder in folders.Select(f => Path.Combine(f, "models")).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
            {
                catalog._files[Path.GetFileNameWithoutExtension(file)] = file;
            }
        }

        catalog.Services = [.. catalog._files.Keys.Order(StringComparer.Ordinal)];
        return catalog;
    }

    /// <summary>Opens the catalog next to the program, and the user's <c>Catalog:Path</c> if there is one.</summary>
    /// <param name="catalogPath">A folder that may contain <c>aws/models</c>; null for none.</param>
    public static ModelCatalog OpenShipped(string? catalogPath = null) => Open(ShippedFolders(catalogPath));

    internal static IReadOnlyList<string> ShippedFolders(string? catalogPath)
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "catalog", "aws");
        return string.IsNullOrEmpty(catalogPath) ? [shipped] : [shipped, Path.Combine(catalogPath, "aws")];
    }

    /// <summary>The model of a service; null if there is none.</summary>
    /// <exception cref="AwsCatalogException">The file is not readable.</exception>
    public ServiceModel? FindService(string service) =>
        _files.TryGetValue(service, out var file) ? _models.GetOrAdd(service, _ => new Lazy<ServiceModel>(() => Load(file))).Value : null;

    /// <summary>An operation; null if the service or the operation has no model.</summary>
    public Operation? FindOperation(string service, string operation) => FindService(service)?.FindOperation(operation);

    private ServiceModel Load(string file)
    {
        try
        {
            return ServiceModelReader.Read(File.ReadAllBytes(file), Secrets, Responses);
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AwsCatalogException($"{file}: not a service model ({e.Message}). Make it with tools/aws-models/generate.py.", e);
        }
    }
}

/// <summary>A file of <c>catalog/aws</c> is missing or invalid; the message names the file and the remedy.</summary>
public sealed class AwsCatalogException(string message, Exception? inner = null) : Exception(message, inner);
