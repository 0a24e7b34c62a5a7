using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Qrie.Aws.Api.Models;

/// <summary>The address of a service and the region for the signature.</summary>
/// <param name="Url">Scheme and host.</param>
/// <param name="SigningRegion">The region in the signature; for global services not the requested one.</param>
public sealed record ResolvedEndpoint(Uri Url, string SigningRegion);

/// <summary>A partition of AWS: <c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>, <c>aws-eusc</c>.</summary>
/// <param name="Name">As in ARNs.</param>
/// <param name="DefaultRegion">The region of its global services.</param>
/// <param name="Regions">Its regions, opt-in ones included.</param>
public sealed record AwsPartition(string Name, string DefaultRegion, IReadOnlyList<string> Regions);

/// <summary>Partitions, regions and host names, from <c>catalog/aws/endpoints.json</c>.</summary>
public sealed class EndpointTable
{
    private readonly FrozenDictionary<string, PartitionEntry> _partitions;
    private readonly FrozenDictionary<string, ServiceEntry> _services;
    private readonly FrozenDictionary<string, PartitionEntry> _byRegion;

    private EndpointTable(IReadOnlyList<PartitionEntry> partitions, IEnumerable<KeyValuePair<string, ServiceEntry>> services)
    {
        Partitions = [.. partitions.Select(p => p.Partition)];
        _partitions = partitions.ToFrozenDictionary(p => p.Partition.Name, StringComparer.Ordinal);
        _services = services.ToFrozenDictionary(StringComparer.Ordinal);
        _byRegion = partitions.SelectMany(p => p.Partition.Regions.Select(r => KeyValuePair.Create(r, p))).ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IReadOnlyList<AwsPartition> Partitions { get; }

    /// <summary>The partition of a region; for a region newer than the table by its pattern, or <c>aws</c> if none matches.</summary>
    public AwsPartition PartitionOf(string region) => Entry(region).Partition;

    /// <summary>A partition by name; null if unknown.</summary>
    public AwsPartition? FindPartition(string name) => _partitions.GetValueOrDefault(name)?.Partition;

    /// <summary>
    /// Whether the service is known to exist in the region. False does not prove its absence, because the table lags behind AWS; the engine calls it anyway.
    /// </summary>
    public bool IsListed(string service, string region) =>
        _services.TryGetValue(service, out var entry) && _byRegion.ContainsKey(region) && !entry.NotListed.Contains(region);

    /// <summary>Whether the service has one endpoint for the whole partition of the region.</summary>
    public bool IsGlobal(string service, string region)
    {
        var partition = Entry(region);
        return _services.TryGetValue(service, out var entry)
            && !entry.TemplateFor(partition.Partition.Name, region).Host.Contains("{r}", StringComparison.Ordinal);
    }

    /// <summary>Whether a text can be the name of a region. Other text must not become part of a host name.</summary>
    public static bool IsRegionName(string text) =>
        text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>Host and signing region of a service; a service that is not in the table follows the usual pattern.</summary>
    /// <exception cref="AwsCallException">The region's name is not valid.</exception>
    public ResolvedEndpoint Resolve(string service, string region)
    {
        if (!IsRegionName(region))
        {
            throw new AwsCallException($"'{region}' is not a region; write it as in us-east-1.");
        }

        var partition = Entry(region);
        var template = _services.TryGetValue(service, out var entry)
            ? entry.TemplateFor(partition.Partition.Name, region)
            : new Template(service + ".{r}.{s}", null);
        var host = template.Host
            .Replace("{r}", region, StringComparison.Ordinal)
            .Replace("{s}", partition.Suffix, StringComparison.Ordinal)
            .Replace("{d}", partition.DualSuffix, StringComparison.Ordinal);
        return new ResolvedEndpoint(new Uri("https://" + host), template.SigningRegion ?? region);
    }

    /// <summary>The name in the signature if it differs from the model's; otherwise null.</summary>
    internal string? SigningNameOf(string service) => _services.GetValueOrDefault(service)?.SigningName;

    internal static EndpointTable Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return new EndpointTable(
                [.. document.RootElement.GetProperty("partitions").EnumerateObject().Select(PartitionEntry.Read)],
                [.. document.RootElement.GetProperty("services").EnumerateObject().Select(s => KeyValuePair.Create(s.Name, ServiceEntry.Read(s.Value)))]);
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AwsCatalogException($"{file}: not an endpoint table ({e.Message}). Make it with tools/aws-models/generate.py.", e);
        }
    }

    private PartitionEntry Entry(string region) =>
        _byRegion.GetValueOrDefault(region)
        ?? _partitions.Values.FirstOrDefault(p => p.Pattern.IsMatch(region))
        ?? _partitions["aws"];

    private sealed record Template(string Host, string? SigningRegion)
    {
        public static Template Read(JsonElement entry) => new(entry.GetProperty("t").GetString()!, Text(entry, "r"));
    }

    private sealed record PartitionEntry(AwsPartition Partition, string Suffix, string DualSuffix, Regex Pattern)
    {
        public static PartitionEntry Read(JsonProperty property) => new(
            new AwsPartition(property.Name, Text(property.Value, "global")!, [.. Texts(property.Value, "regions")]),
            Text(property.Value, "suffix")!,
            Text(property.Value, "dualSuffix")!,
            new Regex(Text(property.Value, "regex")!, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
    }

    private sealed record ServiceEntry(
        Template Default, Dictionary<string, Template> ByPartition, Dictionary<string, Template> ByRegion, string? SigningName, HashSet<string> NotListed)
    {
        public Template TemplateFor(string partition, string region) =>
            ByRegion.GetValueOrDefault(region) ?? ByPartition.GetValueOrDefault(partition) ?? Default;

        public static ServiceEntry Read(JsonElement entry) => new(
            Template.Read(entry), Templates(entry, "p"), Templates(entry, "x"), Text(entry, "sign"), [.. Texts(entry, "not")]);

        private static Dictionary<string, Template> Templates(JsonElement entry, string key) =>
            entry.TryGetProperty(key, out var templates)
                ? templates.EnumerateObject().ToDictionary(t => t.Name, t => Template.Read(t.Value), StringComparer.Ordinal)
                : [];
    }

    private static string? Text(JsonElement entry, string key) => entry.TryGetProperty(key, out var value) ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement entry, string key) =>
        entry.TryGetProperty(key, out var list) ? list.EnumerateArray().Select(e => e.GetString()!) : [];
}
