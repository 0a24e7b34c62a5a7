using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads a file of <c>catalog/frameworks</c> (docs/compliance.md).</summary>
internal sealed partial class FrameworkFileReader(CatalogErrors errors)
{
    /// <summary>Null if the file has errors.</summary>
    /// <param name="root">The document.</param>
    /// <param name="fileName">Without folder and extension; must be the framework's id.</param>
    /// <param name="findPolicy">The catalog's policies, by current and former ids.</param>
    public FrameworkDefinition? Read(SourceNode root, string fileName, Func<string, PolicyDefinition?> findPolicy)
    {
        if (MapReader.From(root, "a framework file", errors) is not { } reader)
        {
            return null;
        }

        var before = errors.Count;
        var id = ReadId(reader, fileName);
        var title = reader.RequiredText("title");
        var version = reader.RequiredText("version");
        var publisher = reader.RequiredText("publisher");
        var about = reader.RequiredText("about");
        var references = reader.Texts("references");
        _ = reader.Required("sections");
        List<FrameworkSection> sections = [.. reader.TextMap("sections").Select(section => new FrameworkSection(section.Key, section.Value))];
        var requirements = new RequirementReader(errors, findPolicy, sections.Select(section => section.Id).ToHashSet()).Read(reader);
        reader.RefuseOthers();
        return errors.Count > before
            ? null
            : new FrameworkDefinition(sections, requirements)
            {
                Id = id!,
                Title = title!,
                Version = version!,
                Publisher = publisher!,
                About = about!.Trim(),
                References = references,
                DefinitionHash = Hash(version!, requirements),
            };
    }

    private string? ReadId(MapReader reader, string fileName)
    {
        var id = reader.RequiredText("id");
        if (id is not null && !Name().IsMatch(id))
        {
            errors.Add(reader.Node("id")!, $"'{id}' cannot be a framework id.", "Use small letters, digits, dots and hyphens: cis-5.0.");
        }
        else if (id is not null && id != fileName)
        {
            errors.Add(reader.Node("id")!, $"The id '{id}' is not the file's name '{fileName}'.", $"Rename the file to {id}.yaml, or the id.");
        }

        return id;
    }

    private static string Hash(string version, IReadOnlyList<RequirementDefinition> requirements)
    {
        var text = new StringBuilder(version).Append('\n');
        foreach (var requirement in requirements)
        {
            text.Append(requirement.Id).Append(' ').Append(requirement.Section).Append(' ').Append(requirement.Manual is not null);
            foreach (var policy in requirement.Policies)
            {
                text.Append(' ').Append(policy.PolicyId);
                foreach (var param in policy.Params)
                {
                    text.Append(' ').Append(param.Name).Append(' ').Append(param.Bound).Append(' ').Append(CanonicalJson.Write(param.Value));
                }
            }

            text.Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*$")]
    private static partial Regex Name();
}
