using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>A policy document in any form, read for analysis.</summary>
internal sealed class PolicyDocument
{
    private PolicyDocument(bool hasVariables) => HasVariables = hasVariables;

    public List<PolicyStatement> Statements { get; private set; } = [];

    /// <summary>Before version 2012-10-17 a variable is a text like any other; that is also the version of documents that say none.</summary>
    public bool HasVariables { get; }

    /// <summary>The statements that refuse something.</summary>
    public IReadOnlyList<PolicyStatement> Denies => field ??= Statements.FindAll(static statement => statement.Denies);

    /// <summary>Variables that occur once can be chosen freely; those of several places must be the same everywhere.</summary>
    public bool OccursOnce(string variable) => VariableCounts.GetValueOrDefault(variable) <= 1
        && !Statements.Any(statement => statement.Conditions.Any(condition => condition.Key == variable));

    private Dictionary<string, int> VariableCounts => field ??= Statements
        .SelectMany(statement => statement.ResourceTexts.Concat(statement.Conditions.SelectMany(condition => condition.Values)))
        .SelectMany(PolicyVariables.KeysIn).CountBy(key => key).ToDictionary();

    /// <summary>The document in any form; without statements for null.</summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    public static PolicyDocument Of(JmesValue document)
    {
        var decoded = PolicyDocumentNormalizer.Decode(document);
        var (found, version, hasStatement) = (JmesValue.Null, "", decoded.IsNull);
        if (!decoded.IsNull)
        {
            foreach (var (name, value) in decoded.EnumerateObject())
            {
                if (name.Equals("Statement", StringComparison.OrdinalIgnoreCase))
                {
                    (found, hasStatement) = (value, true);
                }
                else if (name.Equals("Version", StringComparison.OrdinalIgnoreCase) && value.Kind is JmesKind.String)
                {
                    version = value.GetString();
                }
            }
        }

        // AWS takes none without it. What has none is an answer of something else, and must not pass for a policy that grants nothing.
        if (!hasStatement)
        {
            throw new FormatException("The document has no Statement.");
        }

        var read = new PolicyDocument(version == "2012-10-17");
        var statements = new List<PolicyStatement>();
        foreach (var statement in PolicyDocumentNormalizer.Values(found))
        {
            if (statement.Kind is JmesKind.Object)
            {
                statements.Add(new PolicyStatement(read, statement, statements.Count + 1));
            }
        }

        read.Statements = statements;
        return read;
    }
}
