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

/// <summary>
/// A statement of a policy document in any form, for analysis. Its parts are read when they are asked for: most statements are decided by effect and principal.
/// </summary>
internal sealed class PolicyStatement
{
    private readonly JmesValue _written;
    private readonly JmesValue _principal;
    private readonly JmesValue _notPrincipal;
    private readonly JmesValue _action;
    private readonly JmesValue _notAction;
    private readonly JmesValue _resource;
    private readonly JmesValue _notResource;
    private readonly JmesValue _condition;

    private PolicyStatement(JmesValue written)
    {
        _written = written;
        foreach (var (name, value) in written.EnumerateObject())
        {
            if (Is(name, "Effect") && value.Kind is JmesKind.String)
            {
                var effect = value.GetString();
                (Allows, Denies) = (Is(effect, "Allow"), Is(effect, "Deny"));
            }
            else if (Is(name, "Principal"))
            {
                _principal = value;
            }
            else if (Is(name, "NotPrincipal"))
            {
                (_notPrincipal, HasNotPrincipal) = (value, true);
            }
            else if (Is(name, "Action"))
            {
                _action = value;
            }
            else if (Is(name, "NotAction"))
            {
                (_notAction, HasNotAction) = (value, true);
            }
            else if (Is(name, "Resource"))
            {
                _resource = value;
            }
            else if (Is(name, "NotResource"))
            {
                (_notResource, HasNotResource) = (value, true);
            }
            else if (Is(name, "Condition"))
            {
                _condition = value;
            }
        }

        static bool Is(string written, string word) => written.Equals(word, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>In the one form, as it is shown in evidence.</summary>
    public JmesValue Source => PolicyDocumentNormalizer.Statement(_written);

    /// <summary>A statement without a known effect grants nothing.</summary>
    public bool Allows { get; }

    public bool Denies { get; }

    public bool HasNotPrincipal { get; }

    public bool HasNotAction { get; }

    public bool HasNotResource { get; }

    public IReadOnlyList<StatementPrincipal> Principals => field ??= PrincipalsOf(_principal);

    public IReadOnlyList<StatementPrincipal> NotPrincipals => field ??= PrincipalsOf(_notPrincipal);

    public IReadOnlyList<string> Actions => field ??= TextsOf(_action);

    public IReadOnlyList<string> NotActions => field ??= TextsOf(_notAction);

    public IReadOnlyList<string> Resources => field ??= TextsOf(_resource);

    public IReadOnlyList<string> NotResources => field ??= TextsOf(_notResource);

    public IReadOnlyList<StatementCondition> Conditions => field ??= ConditionsOf(_condition);

    /// <summary>The statements of a document in any form; none for null.</summary>
    /// <exception cref="FormatException">It is not a policy document.</exception>
    public static IReadOnlyList<PolicyStatement> Of(JmesValue document)
    {
        var decoded = PolicyDocumentNormalizer.Decode(document);
        var found = JmesValue.Null;
        if (!decoded.IsNull)
        {
            foreach (var (name, value) in decoded.EnumerateObject())
            {
                found = name.Equals("Statement", StringComparison.OrdinalIgnoreCase) ? value : found;
            }
        }

        var statements = new List<PolicyStatement>();
        foreach (var statement in PolicyDocumentNormalizer.Values(found))
        {
            if (statement.Kind is JmesKind.Object)
            {
                statements.Add(new PolicyStatement(statement));
            }
        }

        return statements;
    }

    private static List<StatementPrincipal> PrincipalsOf(JmesValue principals)
    {
        var result = new List<StatementPrincipal>();
        if (principals.Kind is not JmesKind.Object)
        {
            result.AddRange(TextsOf(principals).Select(value => new StatementPrincipal("AWS", value))); // the star alone
            return result;
        }

        foreach (var (kind, values) in principals.EnumerateObject())
        {
            result.AddRange(TextsOf(values).Select(value => new StatementPrincipal(kind, value)));
        }

        return result;
    }

    private static List<string> TextsOf(JmesValue values) =>
        [.. PolicyDocumentNormalizer.Values(values).Where(value => value.Kind is JmesKind.String).Select(value => value.GetString())];

    private static List<StatementCondition> ConditionsOf(JmesValue condition)
    {
        var conditions = new List<StatementCondition>();
        if (condition.IsNull)
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
                var texts = PolicyDocumentNormalizer.Values(values).Select(PolicyDocumentNormalizer.Text).Where(value => value.Kind is JmesKind.String);
                conditions.Add(new StatementCondition(name, key.ToLowerInvariant(), [.. texts.Select(value => value.GetString())], ifExists, forAll));
            }
        }

        return conditions;
    }
}
