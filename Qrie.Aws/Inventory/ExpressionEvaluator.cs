using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Evaluates the catalog's expressions: binds variables and propagates unknown values.</summary>
internal sealed class ExpressionEvaluator(UnitContext unit, CancellationToken cancel)
{
    public Outcome Evaluate(JmesPathExpression expression, JmesValue root, Scope scope)
    {
        Dictionary<string, JmesValue>? variables = null;
        var unknown = new Dictionary<string, string>(scope.Unknown ?? new Dictionary<string, string>());
        if (expression.Variables.Count > 0)
        {
            variables = Bind(expression, scope, unknown);
        }

        var trace = unknown.Count > 0 ? new EvaluationTrace(unknown.Keys) : null;
        try
        {
            var value = expression.Evaluate(root, new EvaluationContext { Variables = variables, Trace = trace, Cancel = cancel });
            return Touched(trace, unknown) is { } code
                ? new Outcome(JmesValue.Null, new CollectionError(code, $"'{expression.Text}' reads what could not be read."))
                : new Outcome(value);
        }
        catch (JmesPathException failed)
        {
            var code = Touched(trace, unknown) ?? CollectionError.EvaluationError;
            return new Outcome(JmesValue.Null, new CollectionError(code, failed.Message));
        }
    }

    /// <summary>The text of a template; a null value if a part of it is null.</summary>
    public Outcome Evaluate(TextTemplate template, JmesValue root, Scope scope)
    {
        var text = new System.Text.StringBuilder();
        foreach (var piece in template.Segments)
        {
            if (piece.Expression is null)
            {
                text.Append(piece.Literal);
                continue;
            }

            var outcome = Evaluate(piece.Expression, root, scope);
            if (outcome.Error is not null)
            {
                return outcome;
            }

            switch (outcome.Value.Kind)
            {
                case JmesKind.String:
                    text.Append(outcome.Value.GetString());
                    break;
                case JmesKind.Number:
                    text.Append(outcome.Value);
                    break;
                default:
                    return Outcome.None;
            }
        }

        return new Outcome(JmesValue.FromString(text.ToString()));
    }

    /// <summary>The ARN from what is known so far; a null value if it cannot be computed.</summary>
    public Outcome Arn(ResourceContext resource)
    {
        if (resource.ArnTemplate is null)
        {
            return new Outcome(JmesValue.FromString(resource.Id));
        }

        return Evaluate(resource.ArnTemplate, resource.Value, new Scope(resource.Region, Unknown: resource.Unknown, RequestedId: resource.RequestedId));
    }

    private static string? Touched(EvaluationTrace? trace, Dictionary<string, string> unknown) =>
        trace?.UnknownTouched.FirstOrDefault() is { } touched ? unknown[touched] : null;

    private Dictionary<string, JmesValue> Bind(JmesPathExpression expression, Scope scope, Dictionary<string, string> unknown)
    {
        var variables = new Dictionary<string, JmesValue>();
        foreach (var name in expression.Variables)
        {
            variables[name] = name switch
            {
                "account" => JmesValue.FromString(unit.AccountId),
                "partition" => JmesValue.FromString(unit.Partition),
                "home" => JmesValue.FromString(unit.Home),
                "region" => JmesValue.FromString(scope.Region),
                "id" => JmesValue.FromString(scope.RequestedId),
                "row" => scope.Outer,
                "self" => Self(scope.Resource, unknown),
                "arn" => ArnVariable(scope.Resource, unknown),
                _ => JmesValue.Null,
            };
        }

        return variables;
    }

    private static JmesValue Self(ResourceContext? resource, Dictionary<string, string> unknown)
    {
        if (resource is null)
        {
            return JmesValue.Null;
        }

        foreach (var (attribute, code) in resource.Unknown)
        {
            unknown[$"$self.{attribute}"] = code;
        }

        return resource.Value;
    }

    private JmesValue ArnVariable(ResourceContext? resource, Dictionary<string, string> unknown)
    {
        if (resource is null)
        {
            return JmesValue.Null;
        }

        var arn = Arn(resource);
        if (arn.Error is { } problem)
        {
            unknown["$arn"] = problem.Code;
        }

        return arn.Value;
    }
}
