using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The rows of a shared response by key, so that each resource finds its own by a lookup.</summary>
internal sealed class MatchIndex
{
    private readonly Dictionary<string, List<JmesValue>> _rows = [];

    private MatchIndex(DateTimeOffset sentAt, CollectionError? problem)
    {
        SentAt = sentAt;
        Error = problem;
    }

    public DateTimeOffset SentAt { get; }

    /// <summary>Why there are no rows; null if the call succeeded.</summary>
    public CollectionError? Error { get; }

    public static MatchIndex Build(SourceStep step, CallResult result, ExpressionEvaluator evaluator, Scope scope)
    {
        if (result.Error is { } error)
        {
            return new MatchIndex(result.SentAt, StepCaller.IsAbsent(step, error) ? null : CollectionError.Of(error, result.SentAt));
        }

        var selected = step.Select is null ? new Outcome(result.Content) : evaluator.Evaluate(step.Select, result.Content, scope);
        var index = new MatchIndex(result.SentAt, selected.Error);
        foreach (var row in Rows.Of(selected.Value))
        {
            var key = evaluator.Evaluate(step.Match!.Theirs, row, scope);
            if (key.Error is { } problem)
            {
                return new MatchIndex(result.SentAt, problem);
            }

            foreach (var value in Rows.Of(key.Value).Distinct())
            {
                var text = CanonicalJson.Write(value.ToJsonElement());
                (index._rows.TryGetValue(text, out var rows) ? rows : index._rows[text] = []).Add(row);
            }
        }

        return index;
    }

    /// <summary>The distinct rows whose key is (one of) the given.</summary>
    public JmesValue Find(JmesValue mine)
    {
        var keys = Rows.Of(mine).Distinct().Select(key => CanonicalJson.Write(key.ToJsonElement()));
        return JmesValue.FromArray(keys.SelectMany(key => _rows.GetValueOrDefault(key) ?? []).Distinct());
    }
}
