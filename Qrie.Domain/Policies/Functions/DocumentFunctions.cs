using Qrie.Domain.Policies.Documents;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Functions;

/// <summary>Functions over policy documents; each accepts a document in any form, including text, and null for none.</summary>
internal static class DocumentFunctions
{
    private static readonly JmesType _statements = JmesType.List(JmesType.Any);
    private static readonly JmesType _principals = JmesType.List(JmesType.String);

    private const JmesTypes Document = JmesTypes.Object | JmesTypes.String | JmesTypes.Null;

    /// <summary><c>public_statements(document)</c>: the statements that let anyone in.</summary>
    public static JmesFunction PublicStatements { get; } = new(
        "public_statements", [new JmesParameter("document", Document)],
        static (in FunctionCall call) => Analyze(call, static document => JmesValue.FromArray(PolicyDocumentAnalyzer.PublicStatements(document))))
    {
        Result = static _ => _statements,
    };

    /// <summary><c>admin_statements(document)</c>: the statements that grant everything on everything.</summary>
    public static JmesFunction AdminStatements { get; } = new(
        "admin_statements", [new JmesParameter("document", Document)],
        static (in FunctionCall call) => Analyze(call, static document => JmesValue.FromArray(PolicyDocumentAnalyzer.AdminStatements(document))))
    {
        Result = static _ => _statements,
    };

    /// <summary><c>external_principals(document, account)</c>: who outside the account is let in.</summary>
    public static JmesFunction ExternalPrincipals { get; } = new(
        "external_principals", [new JmesParameter("document", Document), new JmesParameter("account", JmesTypes.String)],
        static (in FunctionCall call) =>
        {
            var account = call[1].GetString();
            return Analyze(call, document => JmesValue.FromArray(PolicyDocumentAnalyzer.ExternalPrincipals(document, account).Select(JmesValue.FromString)));
        })
    {
        Result = static _ => _principals,
    };

    /// <summary><c>policy_document(value)</c>: the normalized document; null for null.</summary>
    public static JmesFunction PolicyDocument { get; } = new(
        "policy_document", [new JmesParameter("document", Document)], static (in FunctionCall call) => Analyze(call, PolicyDocumentNormalizer.Normalize));

    private static JmesValue Analyze(in FunctionCall call, Func<JmesValue, JmesValue> analyze)
    {
        try
        {
            return analyze(call[0]);
        }
        catch (FormatException wrong)
        {
            throw call.InvalidValue(0, wrong.Message);
        }
    }
}
