using Qrie.Domain.Policies.Documents;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>
/// Functions of policy documents; each accepts a document in any form, including text, and null for none. An undecided function ends the expression with the
/// error <c>undecided</c>, which names the statement; the verdict is then unknown.
/// </summary>
internal static class DocumentFunctions
{
    private const JmesTypes Document = JmesTypes.Object | JmesTypes.String | JmesTypes.Null;
    private const JmesTypes Texts = JmesTypes.Array | JmesTypes.String | JmesTypes.Null;

    private static readonly JmesType s_statements = JmesType.List(JmesType.Any);
    private static readonly JmesType s_texts = JmesType.List(JmesType.String);
    private static readonly JmesParameter s_document = new("document", Document);
    private static readonly JmesParameter s_actions = new("actions", Texts, Optional: true);

    /// <summary><c>public_statements(document, actions?)</c>: the statements that grant public access.</summary>
    public static JmesFunction PublicStatements { get; } = Statements(
        "public_statements", [s_document, s_actions], static (in FunctionCall call) => PolicyDocumentAnalyzer.PublicStatements(call[0], Many(call, 1)));

    /// <summary><c>granting_statements(document, caller, actions?, resources?)</c>: the statements that grant something to a class of callers.</summary>
    public static JmesFunction GrantingStatements { get; } = Statements(
        "granting_statements",
        [s_document, new JmesParameter("caller", JmesTypes.String), s_actions, new JmesParameter("resources", Texts, Optional: true)],
        static (in FunctionCall call) => PolicyDocumentAnalyzer.GrantingStatements(call[0], call[1].GetString(), Many(call, 2), Many(call, 3)));

    /// <summary><c>admin_statements(document)</c>: the statements that grant everything on everything.</summary>
    public static JmesFunction AdminStatements { get; } = Statements(
        "admin_statements", [s_document], static (in FunctionCall call) => PolicyDocumentAnalyzer.AdminStatements(call[0]));

    /// <summary><c>full_access_statements(document, service)</c>: the statements that grant everything of a service.</summary>
    public static JmesFunction FullAccessStatements { get; } = Statements(
        "full_access_statements", [s_document, new JmesParameter("service", JmesTypes.String)],
        static (in FunctionCall call) => PolicyDocumentAnalyzer.FullAccessStatements(call[0], call[1].GetString()));

    /// <summary><c>confused_deputy_statements(document)</c>: the statements that allow a service to act for any account.</summary>
    public static JmesFunction ConfusedDeputyStatements { get; } = Statements(
        "confused_deputy_statements", [s_document], static (in FunctionCall call) => PolicyDocumentAnalyzer.ConfusedDeputyStatements(call[0]));

    /// <summary><c>external_principals(document, account, trusted?)</c>: the principals outside the account with access.</summary>
    public static JmesFunction ExternalPrincipals { get; } = Names(
        "external_principals", [s_document, new JmesParameter("account", JmesTypes.String), new JmesParameter("trusted", Texts, Optional: true)],
        static (in FunctionCall call) => PolicyDocumentAnalyzer.ExternalPrincipals(call[0], call[1].GetString(), Many(call, 2)));

    /// <summary><c>wildcard_services(document)</c>: the services for which all actions are granted.</summary>
    public static JmesFunction WildcardServices { get; } = Names(
        "wildcard_services", [s_document], static (in FunctionCall call) => PolicyDocumentAnalyzer.WildcardServices(call[0]));

    /// <summary><c>granted_actions(document, actions, resources?)</c>: the given actions that are granted.</summary>
    public static JmesFunction GrantedActions { get; } = Names(
        "granted_actions",
        [s_document, new JmesParameter("actions", JmesTypes.Array | JmesTypes.String), new JmesParameter("resources", Texts, Optional: true)],
        static (in FunctionCall call) => PolicyDocumentAnalyzer.GrantedActions(call[0], Many(call, 1) ?? [], Many(call, 2)));

    /// <summary><c>privilege_escalations(document)</c>: the combinations of actions with which the holder gets further permissions.</summary>
    public static JmesFunction PrivilegeEscalations { get; } = Names(
        "privilege_escalations", [s_document], static (in FunctionCall call) => PolicyDocumentAnalyzer.Escalations(call[0]));

    /// <summary><c>requires_tls(document, resources)</c>: whether requests without TLS are denied.</summary>
    public static JmesFunction RequiresTls { get; } = new(
        "requires_tls", [s_document, new JmesParameter("resources", JmesTypes.Array | JmesTypes.String)],
        static (in FunctionCall call) => Analyze(call, static (in FunctionCall call) =>
            JmesValue.FromBoolean(PolicyDocumentAnalyzer.RequiresTls(call[0], Many(call, 1) ?? []))))
    {
        Result = static _ => JmesType.Boolean,
    };

    /// <summary><c>policy_document(value)</c>: the normalized document; null for null.</summary>
    public static JmesFunction PolicyDocument { get; } = new(
        "policy_document", [s_document],
        static (in FunctionCall call) => Analyze(call, static (in FunctionCall call) => PolicyDocumentNormalizer.Normalize(call[0])));

    private delegate IReadOnlyList<T> Analysis<T>(in FunctionCall call);

    private static JmesFunction Statements(string name, IReadOnlyList<JmesParameter> parameters, Analysis<JmesValue> analyze) =>
        new(name, parameters, (in FunctionCall call) => Analyze(call, (in FunctionCall inner) => JmesValue.FromArray(analyze(inner))))
        {
            Result = static _ => s_statements,
        };

    private static JmesFunction Names(string name, IReadOnlyList<JmesParameter> parameters, Analysis<string> analyze) =>
        new(name, parameters, (in FunctionCall call) => Analyze(
            call, (in FunctionCall inner) => JmesValue.FromArray(analyze(inner).Select(JmesValue.FromString))))
        {
            Result = static _ => s_texts,
        };

    private static JmesValue Analyze(in FunctionCall call, JmesFunctionBody analyze)
    {
        try
        {
            return analyze(call);
        }
        catch (FormatException wrong)
        {
            throw call.InvalidValue(0, wrong.Message);
        }
        catch (UndecidedException undecided)
        {
            throw call.Undecided(UnknownReason.Undecided, undecided.Message, undecided.Statement);
        }
    }

    /// <summary>A text or a list of texts; null if not given.</summary>
    private static List<string>? Many(in FunctionCall call, int argument)
    {
        if (call[argument].IsNull)
        {
            return null;
        }

        if (call[argument].Kind is JmesKind.String)
        {
            return [call[argument].GetString()];
        }

        var texts = new List<string>();
        foreach (var value in call[argument].EnumerateArray())
        {
            texts.Add(value.Kind is JmesKind.String ? value.GetString() : throw call.InvalidType(argument, "a list of texts is needed"));
        }

        return texts;
    }
}
