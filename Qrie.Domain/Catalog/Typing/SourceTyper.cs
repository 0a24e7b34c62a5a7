using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>Type-checks the sources of one resource type, and its calls against AWS's operations.</summary>
internal sealed class SourceTyper(IOperationShapes shapes, ExpressionChecker checker, Action<string, string> reportCall)
{
    /// <summary>The type of a source's result for one row.</summary>
    /// <param name="source">The source.</param>
    /// <param name="row">The type that its expressions read.</param>
    /// <param name="owner">The resource, or the row of one, that gets the attribute.</param>
    /// <param name="self">The resource so far; <see cref="JmesType.Any"/> if there is none.</param>
    public JmesType Of(CatalogSource source, JmesType row, JmesType owner, JmesType self) => source switch
    {
        ExpressionSource expression => checker.Check(expression.Expression, row, Variables(row, self)),
        SourceStep step => OfStep(step, row, owner, self),
        SourceChain chain => OfChain(chain, row, owner, self),
        _ => JmesType.Any,
    };

    /// <summary>Adds the attributes to the type of their owner: with helpers, for expressions, and without, as stored.</summary>
    public (JmesType Whole, JmesType Visible) Describe(DescribePlan plan, JmesType owner, JmesType? self)
    {
        var (whole, visible) = (owner, owner);
        foreach (var attribute in plan.Attributes.Select(planned => planned.Attribute))
        {
            var type = Of(attribute.Source, whole, whole, self ?? whole);
            var added = attribute.IsMerged ? Shapes.Row(type) : Shapes.With(Shapes.Empty, attribute.Name, type);
            whole = Shapes.Merge(whole, added);
            visible = attribute.IsHelper && !attribute.IsMerged ? visible : Shapes.Merge(visible, added);
        }

        return (whole, visible);
    }

    public static Dictionary<string, JmesType> Variables(JmesType row, JmesType self) => new()
    {
        ["account"] = JmesType.String,
        ["partition"] = JmesType.String,
        ["home"] = JmesType.String,
        ["region"] = JmesType.String,
        ["id"] = JmesType.String,
        ["arn"] = JmesType.String,
        ["row"] = row,
        ["self"] = self,
    };

    private JmesType OfChain(SourceChain chain, JmesType row, JmesType owner, JmesType self)
    {
        var isList = false;
        var type = row;
        for (var i = 0; i < chain.Links.Count; i++)
        {
            var given = Of(chain.Links[i], type, owner, self);
            isList |= Shapes.IsList(given);
            type = Shapes.Row(given);
            if (i + 1 < chain.Links.Count && chain.Links[i + 1] is SourceStep { Batch: not null, Match: null })
            {
                type = JmesType.List(type);
            }
        }

        return isList ? JmesType.List(type) : type;
    }

    private JmesType OfStep(SourceStep step, JmesType row, JmesType owner, JmesType self)
    {
        var variables = Variables(row, self);
        Check(step.When, row, variables);
        Check(step.Unless, row, variables);
        Check(step.At, row, variables);
        var answer = step.Call is null ? row : OfCall(step, step.Match is null ? row : step.Batch is null ? JmesType.Null : JmesType.List(row), variables);
        Check(step.Until, answer, variables);
        var type = step.Select is null ? answer : checker.Check(step.Select, answer, variables);
        if (step.Match is { } match)
        {
            checker.Check(match.Mine, owner, variables);
            checker.Check(match.Theirs, Shapes.Row(type), variables);
            type = JmesType.List(Shapes.Row(type));
        }

        if (step.Repeat && !Shapes.IsList(type))
        {
            type = JmesType.List(type);
        }

        if (step.DescribePlan is { } plan)
        {
            var described = Describe(plan, Shapes.Row(type), self).Visible;
            type = Shapes.IsList(type) ? JmesType.List(described) : described;
        }

        return type;
    }

    private JmesType OfCall(SourceStep step, JmesType root, Dictionary<string, JmesType> variables)
    {
        foreach (var parameter in step.With)
        {
            Check(parameter.Expression, root, variables);
        }

        if (shapes.Find(step.Call!) is not { } operation)
        {
            reportCall(step.Place, $"Qrie knows no operation {step.Call}, or refuses to call it, at {step.Place}.");
            return JmesType.Any;
        }

        foreach (var parameter in step.With.Where(parameter => !operation.Parameters.ContainsKey(parameter.Name)))
        {
            var near = Nearest.To(parameter.Name, operation.Parameters.Keys);
            reportCall(step.Place, $"{step.Call} has no parameter '{parameter.Name}', at {step.Place}.{(near is null ? "" : $" Is '{near}' meant?")}");
        }

        foreach (var missing in operation.Parameters.Where(parameter => parameter.Value && !step.With.Any(given => given.Name == parameter.Key)))
        {
            reportCall(step.Place, $"{step.Call} is refused without the parameter '{missing.Key}', at {step.Place}.");
        }

        return operation.Answer;
    }

    private void Check(JmesPathExpression? expression, JmesType root, Dictionary<string, JmesType> variables)
    {
        if (expression is not null)
        {
            checker.Check(expression, root, variables);
        }
    }
}
