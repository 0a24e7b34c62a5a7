using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>
/// Reads catalog folders (<c>services</c> and <c>policies</c> below each) into a snapshot, or reports every mistake of every file.
/// A later folder adds to an earlier one; it cannot silently replace what is there.
/// </summary>
public static class CatalogLoader
{
    /// <summary>Loads folders, such as the built-in catalog and a user's own.</summary>
    /// <exception cref="CatalogException">Something is wrong; the exception carries all of it.</exception>
    public static ResourceCatalog Load(IReadOnlyList<string> folders)
    {
        var errors = new CatalogErrors();
        var files = folders.SelectMany(folder => CatalogFiles.Find(folder, errors)).ToList();
        return Load(files, errors);
    }

    /// <summary>Loads files that are in memory already.</summary>
    /// <exception cref="CatalogException">Something is wrong; the exception carries all of it.</exception>
    public static ResourceCatalog Load(IReadOnlyList<CatalogFile> files) => Load(files, new CatalogErrors());

    private static ResourceCatalog Load(IReadOnlyList<CatalogFile> files, CatalogErrors errors)
    {
        var services = ReadServices([.. files.Where(file => file.Kind is CatalogFileKind.Service)], errors);
        var types = services.SelectMany(service => service.Resources)
            .SelectMany(type => type.Aliases.Prepend(type.Type).Select(name => (name, type)))
            .DistinctBy(pair => pair.name)
            .ToDictionary(pair => pair.name, pair => pair.type);
        var policies = ReadPolicies([.. files.Where(file => file.Kind is CatalogFileKind.Policy)], types, errors);
        return errors.Count == 0 ? new ResourceCatalog(services, policies) : throw new CatalogException(errors.All());
    }

    private static List<ServiceDefinition> ReadServices(IReadOnlyList<CatalogFile> files, CatalogErrors errors)
    {
        var reader = new ServiceFileReader(new ExpressionReader(CollectionFunctions.Options, errors), errors);
        var services = new List<ServiceDefinition>();
        var owners = new Dictionary<string, string>();
        foreach (var file in files)
        {
            if (SourceReader.Read(file.Path, file.Text, errors) is not { } root || reader.Read(root) is not { } service)
            {
                continue;
            }

            services.Add(service);
            Claim(owners, $"service {service.Key}", file.Path, root, errors);
            foreach (var name in service.Resources.SelectMany(type => type.Aliases.Prepend(type.Type)))
            {
                Claim(owners, $"resource type {name}", file.Path, root, errors);
            }
        }

        return services;
    }

    private static List<PolicyDefinition> ReadPolicies(
        IReadOnlyList<CatalogFile> files, Dictionary<string, ResourceTypeDefinition> types, CatalogErrors errors)
    {
        var reader = new PolicyFileReader(new ExpressionReader(PolicyFunctions.Options, errors), errors);
        var policies = new List<PolicyDefinition>();
        var owners = new Dictionary<string, string>();
        foreach (var file in files)
        {
            if (SourceReader.Read(file.Path, file.Text, errors) is not { } root
                || reader.Read(root, Path.GetFileNameWithoutExtension(file.Path), types.GetValueOrDefault) is not { } policy)
            {
                continue;
            }

            policies.Add(policy);
            foreach (var name in policy.Aliases.Prepend(policy.Id))
            {
                Claim(owners, $"policy {name}", file.Path, root, errors);
            }
        }

        return policies;
    }

    private static void Claim(Dictionary<string, string> owners, string what, string file, SourceNode root, CatalogErrors errors)
    {
        if (!owners.TryAdd(what, file))
        {
            errors.Add(root, $"The {what} is defined already in {owners[what]}.", "Rename one of the two, or delete it.");
        }
    }
}
