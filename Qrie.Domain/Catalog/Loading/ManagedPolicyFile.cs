using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>A policy that AWS manages for auditors, as of some version.</summary>
/// <param name="Name"><c>SecurityAudit</c>.</param>
/// <param name="Version">AWS's number of the version, <c>v86</c>.</param>
/// <param name="Edited">When AWS made that version.</param>
/// <param name="Actions">The action patterns that it allows in the services that Qrie reads.</param>
public sealed record ManagedPolicy(string Name, string Version, string Edited, IReadOnlyList<string> Actions)
{
    /// <summary>IAM compares actions regardless of case.</summary>
    public bool Allows(string action)
    {
        var (service, lower) = (action[..(action.IndexOf(':') + 1)], action.ToLowerInvariant());
        return Actions.Any(pattern => pattern.StartsWith(service, StringComparison.OrdinalIgnoreCase)
            && Wildcard.Matches(pattern.ToLowerInvariant(), lower, anyOne: '?'));
    }
}

/// <summary>Reads <c>catalog/aws/managed-policies.yaml</c>, which <c>tools/managed-policies</c> writes.</summary>
public static class ManagedPolicyFile
{
    /// <exception cref="CatalogException">The file is not readable.</exception>
    public static IReadOnlyList<ManagedPolicy> Read(string path) => Parse(path, File.ReadAllText(path));

    /// <exception cref="CatalogException">The text is not such a file.</exception>
    public static IReadOnlyList<ManagedPolicy> Parse(string path, string text)
    {
        var errors = new CatalogErrors();
        var policies = new List<ManagedPolicy>();
        if (SourceReader.Read(path, text, errors) is { } root && MapReader.From(root, "the list of managed policies", errors) is { } file)
        {
            foreach (var entry in file.Map.Entries)
            {
                if (MapReader.From(entry.Value, $"the policy {entry.Key.Value}", errors) is { } policy)
                {
                    policies.Add(new(entry.Key.Value, policy.RequiredText("version") ?? "", policy.RequiredText("edited") ?? "", policy.Texts("actions")));
                    policy.RefuseOthers();
                }
            }
        }

        return errors.Count == 0 ? policies : throw new CatalogException(errors.All());
    }
}
