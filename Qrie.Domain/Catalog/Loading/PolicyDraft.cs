using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Catalog.Typing;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads a policy that is in no catalog, with the checks that a catalog's policies go through.</summary>
internal static class PolicyDraft
{
    /// <summary>Null: something is wrong, which is then among the errors.</summary>
    /// <param name="root">The document.</param>
    /// <param name="catalog">Has the resource types and their shapes.</param>
    /// <param name="options">What its expressions may call and use.</param>
    /// <param name="errors">Receives the mistakes.</param>
    public static PolicyDefinition? Read(SourceNode root, ResourceCatalog catalog, JmesPathOptions options, CatalogErrors errors)
    {
        var before = errors.Count;
        var expressions = new ExpressionReader(options, errors);
        // There is no file whose name the id would have to be.
        var id = (root as SourceMap)?.Find("id")?.Value is SourceScalar scalar ? scalar.Value : "";
        if (new PolicyFileReader(expressions, errors).Read(root, id, catalog.FindType) is not { } policy)
        {
            return null;
        }

        new PolicyTyper(new ExpressionChecker(expressions.PlaceOf, errors), catalog.Shapes, errors).Check(policy, (SourceMap)root);
        return errors.Count == before ? policy : null;
    }
}
