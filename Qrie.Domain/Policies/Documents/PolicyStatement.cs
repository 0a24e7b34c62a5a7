using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>A principal of a statement: <c>AWS</c>, <c>Service</c>, <c>Federated</c> or <c>CanonicalUser</c>, and its value.</summary>
internal sealed record StatementPrincipal(string Kind, string Value);

/// <summary>One condition: all of a statement's must hold.</summary>
/// <param name="Operator">Without set prefix and IfExists, <c>StringEquals</c>.</param>
/// <param name="Key">In small letters.</param>
/// <param name="Values">Any of them satisfies.</param>
/// <param name="IfExists">It also holds when the request does not have the key.</param>
/// <param name="ForAll"><c>ForAllValues</c>: it holds when the request does not have the key.</param>
internal sealed record StatementCondition(string Operator, string Key, IReadOnlyList<string> Values, bool IfExists, bool ForAll)
{
    public bool Is(params string[] operators) => operators.Contains(Operator, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A statement of a normalised policy document, for analysis.</summary>
internal sealed class PolicyStatement
{
    private PolicyStatement(JmesValue source) => Source = source;

    /// <summary>As it is shown in evidence.</summary>
    public JmesValue Source { get; }

    /// <summary>Effect is compared as AWS writes it; a statement without a known one grants nothing.</summary>
    public required bool Allows { get; init; }

    public required bool Denies { get; init; }

    public required IReadOnlyList<StatementPrincipal> Principals { get; init; }

    /// <summary>Null: the statement has no NotPrincipal.</summary>
    public required IReadOnlyList<StatementPrincipal>? NotPrincipals { get; init; }

    public required IReadOnlyList<string> Actions { get; init; }

    public required IReadOnlyList<string>? NotActions { get; init; }

    public required IReadOnlyList<string> Resources { get; init; }

    public required IReadOnlyList<string>? NotResources { get; init; }

    public required IReadOnlyList<StatementCondition> Conditions { get; init; }

    /// <summary>The statements of a document in any form; none for null.</summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    public static IReadOnlyList<PolicyStatement> Of(JmesValue document)
    {
        var normal = PolicyDocumentNormalizer.Normalize(document);
        return normal.TryGetMember("Statement", out var statements) ? [.. PolicyDocumentNormalizer.Values(statements).Select(Read)] : [];
    }

    private static PolicyStatement Read(JmesValue statement)
    {
        var effect = statement.TryGetMember("Effect", out var value) && value.Kind is JmesKind.String ? value.GetString() : "";
        return new PolicyStatement(statement)
        {
            Allows = effect.Equals("Allow", StringComparison.OrdinalIgnoreCase),
            Denies = effect.Equals("Deny", StringComparison.OrdinalIgnoreCase),
            Principals = PrincipalsOf(statement, "Principal") ?? [],
            NotPrincipals = PrincipalsOf(statement, "NotPrincipal"),
            Actions = Texts(statement, "Action") ?? [],
            NotActions = Texts(statement, "NotAction"),
            Resources = Texts(statement, "Resource") ?? [],
            NotResources = Texts(statement, "NotResource"),
            Conditions = ConditionsOf(statement),
        };
    }

    private static List<StatementPrincipal>? PrincipalsOf(JmesValue statement, string name)
    {
        if (!statement.TryGetMember(name, out var principals))
        {
            return null;
        }

        var result = new List<StatementPrincipal>();
        foreach (var (kind, values) in principals.EnumerateObject())
        {
            result.AddRange(TextsOf(values).Select(value => new StatementPrincipal(kind, value)));
        }

        return result;
    }

    private static List<string>? Texts(JmesValue statement, string name) => statement.TryGetMember(name, out var values) ? TextsOf(values) : null;

    private static List<string> TextsOf(JmesValue values) =>
        [.. PolicyDocumentNormalizer.Values(values).Where(value => value.Kind is JmesKind.String).Select(value => value.GetString())];

    private static List<StatementCondition> ConditionsOf(JmesValue statement)
    {
        var conditions = new List<StatementCondition>();
        if (!statement.TryGetMember("Condition", out var condition))
        {
            return conditions;
        }

        foreach (var (written, keys) in condition.EnumerateObject())
        {
            var forAll = written.StartsWith("ForAllValues:", StringComparison.OrdinalIgnoreCase);
            var name = written[(written.IndexOf(':', StringComparison.Ordinal) + 1)..];
            var ifExists = name.EndsWith("IfExists", StringComparison.OrdinalIgnoreCase);
            name = ifExists ? name[..^"IfExists".Length] : name;
            foreach (var (key, values) in keys.EnumerateObject())
            {
                conditions.Add(new StatementCondition(name, key, TextsOf(values), ifExists, forAll));
            }
        }

        return conditions;
    }
}
