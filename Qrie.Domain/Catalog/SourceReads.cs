using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>Which attributes of the resource a source reads before its calls can be sent.</summary>
public sealed class SourceReads
{
    private readonly HashSet<string> _members = [];

    private SourceReads()
    {
    }

    /// <summary>Top-level attributes, by name.</summary>
    public IReadOnlySet<string> Members => _members;

    /// <summary>It reads the whole resource, so its dependencies are unknown.</summary>
    public bool Whole { get; private set; }

    /// <param name="source">The source.</param>
    /// <param name="arn">The template of <c>$arn</c>; null for the id.</param>
    public static SourceReads Of(CatalogSource source, TextTemplate? arn)
    {
        var reads = new SourceReads();
        reads.Add(source, arn, overResource: true);
        return reads;
    }

    private void Add(CatalogSource source, TextTemplate? arn, bool overResource)
    {
        switch (source)
        {
            case ExpressionSource expression:
                Add(expression.Expression, arn, overResource);
                break;
            case SourceChain chain:
                for (var i = 0; i < chain.Links.Count; i++)
                {
                    Add(chain.Links[i], arn, overResource && i == 0);
                }

                break;
            case SourceStep step:
                Add(step, arn, overResource);
                break;
            default:
                throw new InvalidOperationException($"{source.GetType().Name} is not a source.");
        }
    }

    private void Add(SourceStep step, TextTemplate? arn, bool overResource)
    {
        Add(step.When, arn, overResource);
        Add(step.Unless, arn, overResource);
        Add(step.At, arn, overResource);
        Add(step.Match?.Mine, arn, overResource);
        Add(step.Until, arn, overResource: false);
        Add(step.Select, arn, overResource: false);
        foreach (var parameter in step.With)
        {
            // With `match` the call is not made for a row; with `batch` its parameters are read from a list of rows.
            Add(parameter.Expression, arn, overResource && step.Match is null && step.Batch is null);
        }

        foreach (var attribute in step.Describe)
        {
            Add(attribute.Source, arn, overResource: false);
        }
    }

    private void Add(JmesPathExpression? expression, TextTemplate? arn, bool overResource)
    {
        if (expression is null)
        {
            return;
        }

        var reads = expression.Reads();
        if (overResource)
        {
            Add(reads);
        }

        if (reads.Variables.Contains("self"))
        {
            _members.UnionWith(reads.MembersOfSelf);
            Whole |= reads.ReadsAllOfSelf;
        }

        if (reads.Variables.Contains("arn") && arn is not null)
        {
            foreach (var piece in arn.Segments.Where(piece => piece.Expression is not null))
            {
                Add(piece.Expression!.Reads());
            }
        }
    }

    private void Add(ExpressionReads reads)
    {
        _members.UnionWith(reads.Members);
        Whole |= reads.Whole;
    }
}
