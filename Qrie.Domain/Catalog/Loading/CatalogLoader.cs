using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Compiled;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Catalog.Typing;
using Qrie.Domain.Policies.Functions;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>
/// Loads catalog folders (<c>services</c>, <c>policies</c>, <c>frameworks</c> and <c>aws/events.yaml</c> in each) into a snapshot, or reports the errors of
/// all files. A later folder adds to an earlier one; it cannot silently replace existing definitions.
/// </summary>
public static class CatalogLoader
{
    /// <summary>Loads folders, such as the built-in catalog and a user's own.</summary>
    /// <exception cref="CatalogException">The catalog has errors; the exception contains all of them.</exception>
    /// <param name="folders">The built-in catalog first.</param>
    /// <param name="shapes">The types of AWS operations; if null, expressions are parsed but not type-checked.</param>
    /// <param name="checkAll">Checks every file, also those that were checked when this program was built.</param>
    public static ResourceCatalog Load(IReadOnlyList<string> folders, IOperationShapes? shapes = null, bool checkAll = false)
    {
        var errors = new CatalogErrors();
        // A user's own service models may contradict what was checked.
        var compiled = checkAll || folders.Skip(1).Any(folder => Directory.Exists(Path.Combine(folder, "aws"))) ? null : CompiledCatalog.Open(folders[0]);
        var files = folders.SelectMany((folder, i) => CatalogFiles.Find(folder, errors, i == 0 ? compiled : null)).ToList();
        return Load(files, errors, compiled is null || shapes is null ? shapes : new CompiledShapes(shapes, compiled.SigningNames));
    }

    /// <summary>Whether a folder was compiled by this build and did not change since.</summary>
    public static bool IsCompiled(string folder) => CompiledCatalog.Open(folder) is not null;

    /// <summary>Checks a folder and writes it as <see cref="Load(IReadOnlyList{string}, IOperationShapes?, bool)"/> reads it fastest.</summary>
    /// <exception cref="CatalogException">The catalog has errors; the exception contains all of them.</exception>
    public static void Compile(string folder, IOperationShapes shapes)
    {
        var asked = new Dictionary<string, string?>();
        Load([folder], new CompiledShapes(shapes, asked), checkAll: true);
        CompiledCatalog.Write(folder, CatalogFiles.Find(folder, new CatalogErrors(), null), asked);
    }

    /// <summary>Loads files that are already in memory.</summary>
    /// <exception cref="CatalogException">The catalog has errors; the exception contains all of them.</exception>
    /// <param name="files">The files.</param>
    /// <param name="shapes">The types of AWS operations; if null, expressions are parsed but not type-checked.</param>
    public static ResourceCatalog Load(IReadOnlyList<CatalogFile> files, IOperationShapes? shapes = null) => Load(files, new CatalogErrors(), shapes);

    private static ResourceCatalog Load(IReadOnlyList<CatalogFile> files, CatalogErrors errors, IOperationShapes? shapes)
    {
        var typed = new ResourceShapes();
        var names = new EventNamesReader(shapes, errors).Read([.. files.Where(file => file.Kind is CatalogFileKind.EventNames)]);
        var services = ReadServices([.. files.Where(file => file.Kind is CatalogFileKind.Service)], errors, names, shapes, typed);
        var types = services.SelectMany(service => service.Resources)
            .SelectMany(type => type.Aliases.Prepend(type.Type).Select(name => (name, type)))
            .DistinctBy(pair => pair.name)
            .ToDictionary(pair => pair.name, pair => pair.type);
        var policies = ReadPolicies([.. files.Where(file => file.Kind is CatalogFileKind.Policy)], types, errors, typed);
        var frameworks = ReadFrameworks([.. files.Where(file => file.Kind is CatalogFileKind.Framework)], policies, errors);
        return errors.Count == 0
            ? new ResourceCatalog(services, policies, names, typed, frameworks) { Notes = errors.Notes() }
            : throw new CatalogException(errors.All());
    }

    private static List<ServiceDefinition> ReadServices(
        IReadOnlyList<CatalogFile> files, CatalogErrors errors, CloudTrailNames names, IOperationShapes? shapes, ResourceShapes typed)
    {
        var expressions = new ExpressionReader(CollectionFunctions.Options, errors);
        var reader = new ServiceFileReader(expressions, names, shapes, errors);
        var typer = shapes is null ? null : new ResourceTyper(shapes, new ExpressionChecker(expressions.PlaceOf, errors), CollectionFunctions.Options, errors);
        var services = new List<ServiceDefinition>();
        var owners = new Dictionary<string, string>();
        foreach (var file in files)
        {
            if (file.Read(errors) is not { } root || reader.Read(root, file.IsChecked) is not { } service)
            {
                continue;
            }

            services.Add(service);
            for (var i = 0; i < service.Resources.Count && typer is not null; i++)
            {
                var (type, place) = (service.Resources[i], reader.PlaceOf(service.Resources[i]));
                if (file.IsChecked)
                {
                    typed.Add(type.Type, () => typer.Check(type, place));
                }
                else
                {
                    typed.Add(type.Type, typer.Check(type, place));
                }
            }

            Claim(owners, $"service {service.Key}", file.Path, root, errors);
            foreach (var name in service.Resources.SelectMany(type => type.Aliases.Prepend(type.Type)))
            {
                Claim(owners, $"resource type {name}", file.Path, root, errors);
            }
        }

        foreach (var also in reader.AlsoTypes.Where(also => !owners.ContainsKey($"resource type {also.Value}")))
        {
            errors.Add(also, $"No service file has the resource type '{also.Value}'.", "Write a type of the catalog.");
        }

        return services;
    }

    private static List<PolicyDefinition> ReadPolicies(
        IReadOnlyList<CatalogFile> files, Dictionary<string, ResourceTypeDefinition> types, CatalogErrors errors, ResourceShapes typed)
    {
        var expressions = new ExpressionReader(PolicyFunctions.Options, errors);
        var reader = new PolicyFileReader(expressions, errors);
        var typer = new PolicyTyper(new ExpressionChecker(expressions.PlaceOf, errors), typed, errors);
        var policies = new List<PolicyDefinition>();
        var owners = new Dictionary<string, string>();
        foreach (var file in files)
        {
            if (file.Read(errors) is not { } root
                || reader.Read(root, Path.GetFileNameWithoutExtension(file.Path), types.GetValueOrDefault, file.Later) is not { } policy)
            {
                continue;
            }

            policies.Add(policy);
            if (!file.IsChecked)
            {
                typer.Check(policy, (SourceMap)root);
            }

            foreach (var name in policy.Aliases.Prepend(policy.Id))
            {
                Claim(owners, $"policy {name}", file.Path, root, errors);
            }
        }

        return policies;
    }

    private static List<FrameworkDefinition> ReadFrameworks(
        IReadOnlyList<CatalogFile> files, IReadOnlyList<PolicyDefinition> policies, CatalogErrors errors)
    {
        var byName = policies.SelectMany(policy => policy.Aliases.Prepend(policy.Id).Select(name => (name, policy)))
            .DistinctBy(pair => pair.name)
            .ToDictionary(pair => pair.name, pair => pair.policy);
        var reader = new FrameworkFileReader(errors);
        var frameworks = new List<FrameworkDefinition>();
        var owners = new Dictionary<string, string>();
        foreach (var file in files)
        {
            if (file.Read(errors) is { } root
                && reader.Read(root, Path.GetFileNameWithoutExtension(file.Path), byName.GetValueOrDefault) is { } framework)
            {
                frameworks.Add(framework);
                Claim(owners, $"framework {framework.Id}", file.Path, root, errors);
            }
        }

        return frameworks;
    }

    private static void Claim(Dictionary<string, string> owners, string what, string file, SourceNode root, CatalogErrors errors)
    {
        if (!owners.TryAdd(what, file))
        {
            errors.Add(root, $"The {what} is defined already in {owners[what]}.", "Rename one of the two, or delete it.");
        }
    }
}
