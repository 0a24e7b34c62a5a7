using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>Determines the shape of the resources of a type and checks every expression on the way.</summary>
internal sealed class ResourceTyper(IOperationShapes shapes, ExpressionChecker checker, JmesPathOptions options, CatalogErrors errors)
{
    /// <param name="type">The type.</param>
    /// <param name="place">Its position.</param>
    /// <returns>The shape of stored configurations: without helpers, with <c>_unknown</c>.</returns>
    public JmesType Check(ResourceTypeDefinition type, SourceNode place)
    {
        var typer = new SourceTyper(
            shapes, checker, (_, message) => errors.Add(place, message, "See AWS's API reference, and catalog/aws/reads.json for what may be called."));
        var row = type.List is null ? Shapes.Empty : Shapes.Row(typer.Of(type.List, JmesType.Null, JmesType.Any, JmesType.Any));
        if (type.One is { } one)
        {
            var variables = SourceTyper.Variables(JmesType.Any, JmesType.Any);
            var start = one.From is null ? JmesType.Null : checker.Check(one.From, JmesType.Null, variables);
            typer.Of(one.Source, one.Source is SourceStep { Batch: not null } ? JmesType.List(start) : start, JmesType.Any, JmesType.Any);
        }

        var (whole, visible) = typer.Describe(type.Plan, row, null);
        CheckResource(type, row, whole);
        var stored = Shapes.With(visible, ResourceTypeDefinition.UnknownMember, JmesType.Map(JmesType.String));
        CheckVolatile(type, stored, place);
        CheckAlso(type, stored);
        return stored;
    }

    private void CheckAlso(ResourceTypeDefinition type, JmesType stored)
    {
        var variables = new Dictionary<string, JmesType>
        {
            ["account"] = JmesType.String,
            ["partition"] = JmesType.String,
            ["region"] = JmesType.String,
            ["stored"] = stored,
            ["self"] = stored,
        };
        foreach (var also in type.Events.SelectMany(rule => rule.Also.Values))
        {
            checker.Check(also, JmesType.Null, variables);
        }
    }

    private void CheckResource(ResourceTypeDefinition type, JmesType row, JmesType whole)
    {
        var variables = SourceTyper.Variables(JmesType.Any, whole);
        Check(type.Id, row, variables);
        foreach (var expression in new[] { type.Where, type.Region, type.Tags, type.Settled, type.Summary.Name, type.Summary.State, type.Summary.Created })
        {
            Check(expression, whole, variables);
        }

        foreach (var piece in (type.Arn?.Segments ?? []).Concat(type.Console?.Segments ?? []))
        {
            Check(piece.Expression, whole, variables);
        }
    }

    private void CheckVolatile(ResourceTypeDefinition type, JmesType stored, SourceNode place)
    {
        foreach (var path in type.Volatile)
        {
            if (!JmesPathExpression.TryParse(path, out var expression, out _, options) || TypeChecker.Check(expression, stored).Issues.Count > 0)
            {
                errors.Add(place, $"The volatile path '{path}' does not exist.", "Write names with dots, and [] after lists.");
            }
        }
    }

    private void Check(JmesPathExpression? expression, JmesType root, Dictionary<string, JmesType> variables)
    {
        if (expression is not null)
        {
            checker.Check(expression, root, variables);
        }
    }
}
