using System.Collections.Frozen;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api;

/// <summary>
/// The reviewed list of the operations that Qrie may call, <c>catalog/aws/reads.json</c>: reads that return configuration. Any other operation is refused, so
/// that a new version of the models cannot add one without a review.
/// </summary>
public sealed class ReadList
{
    private const string FileName = "reads.json";

    private readonly FrozenDictionary<string, ServiceReads> _services;

    private ReadList(FrozenDictionary<string, ServiceReads> services) => _services = services;

    /// <summary>Reads <c>reads.json</c> of each folder that has one; services of a later folder replace those of an earlier one.</summary>
    /// <exception cref="AwsCatalogException">No folder has one, a file is not readable, or it names an operation twice.</exception>
    public static ReadList Open(params IReadOnlyList<string> folders)
    {
        var services = new Dictionary<string, ServiceReads>(StringComparer.Ordinal);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, FileName))))
        {
            throw new AwsCatalogException($"{string.Join(", ", folders)}: no {FileName}. Without the list of allowed operations nothing can be called.");
        }

        ReviewedList.Read(folders, FileName, service => services[service.Name] = ServiceReads.Read(service));
        return new ReadList(services.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Opens the list next to the program, and the one in the user's <c>Catalog:Path</c> if there is one.</summary>
    public static ReadList OpenShipped(string? catalogPath = null) => Open(ModelCatalog.ShippedFolders(catalogPath));

    /// <summary>All listed operations, allowed or refused.</summary>
    public IEnumerable<(string Service, string Operation)> Named =>
        _services.SelectMany(s => s.Value.Allowed.Concat(s.Value.Refused.Keys).Select(o => (s.Key, o)));

    /// <summary>Whether an operation may be called.</summary>
    public bool Allows(string service, string operation) => _services.GetValueOrDefault(service)?.Allowed.Contains(operation) is true;

    /// <summary>Why an operation is refused; null if it may be called.</summary>
    public string? FindRefusal(ModelCatalog models, string service, string operation)
    {
        if (Allows(service, operation))
        {
            return null;
        }

        if (_services.GetValueOrDefault(service)?.Refused.GetValueOrDefault(operation) is { } reason)
        {
            return $"{service}:{operation} is refused: {reason}.";
        }

        var model = models.FindService(service);
        if (model?.FindOperation(operation) is not null)
        {
            return $"{service}:{operation} is refused because it has not been reviewed. Add it to reads.json if it reads configuration only.";
        }

        return model?.Knows(operation) is true
            ? $"{service}:{operation} is refused: Qrie only reads, and this operation does not."
            : null;
    }

    internal void Check(ModelCatalog models, string service, string operation)
    {
        if (FindRefusal(models, service, operation) is { } refusal)
        {
            throw new OperationRefusedException(refusal);
        }
    }

    private sealed record ServiceReads(FrozenSet<string> Allowed, FrozenDictionary<string, string> Refused)
    {
        public static ServiceReads Read(JsonProperty service)
        {
            var allowed = service.Value.GetProperty("allow").EnumerateArray().Select(o => o.GetString()!).ToList();
            var refused = service.Value.TryGetProperty("refuse", out var entries)
                ? entries.EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetString()!, StringComparer.Ordinal)
                : [];
            if (allowed.FirstOrDefault(refused.ContainsKey) is { } twice)
            {
                throw new InvalidOperationException($"{service.Name}:{twice} is both allowed and refused. Remove one of the two entries.");
            }

            return new ServiceReads(allowed.ToFrozenSet(StringComparer.Ordinal), refused.ToFrozenDictionary(StringComparer.Ordinal));
        }
    }
}
