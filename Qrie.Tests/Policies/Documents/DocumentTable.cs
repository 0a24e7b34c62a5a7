using System.Text.Json;
using Qrie.Domain.Policies.Documents;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies.Documents;

/// <summary>The questions of the table, by the names in its column <c>ask</c>.</summary>
internal static class DocumentTable
{
    private const string Account = "111111111111";
    private static readonly string[] s_bucket = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"];

    /// <summary><c>yes</c>, <c>no</c>, <c>unknown</c>, or a list of names in brackets.</summary>
    public static string Ask(string question, JsonElement document)
    {
        JmesValue value = document;
        var colon = question.IndexOf(':', StringComparison.Ordinal);
        var (name, argument) = colon < 0 ? (question, "") : (question[..colon], question[(colon + 1)..]);
        try
        {
            return name switch
            {
                "public" => YesOrNo(PolicyDocumentAnalyzer.PublicStatements(value).Count > 0),
                "external" => Names(PolicyDocumentAnalyzer.ExternalPrincipals(value, Account)),
                "admin" => YesOrNo(PolicyDocumentAnalyzer.AdminStatements(value).Count > 0),
                "tls" => YesOrNo(PolicyDocumentAnalyzer.RequiresTls(value, s_bucket)),
                "deputy" => YesOrNo(PolicyDocumentAnalyzer.ConfusedDeputyStatements(value).Count > 0),
                "wildcard" => Names(PolicyDocumentAnalyzer.WildcardServices(value)),
                "full" => YesOrNo(PolicyDocumentAnalyzer.FullAccessStatements(value, argument).Count > 0),
                "escalation" => YesOrNo(PolicyDocumentAnalyzer.Escalations(value).Count > 0),
                "grants" => YesOrNo(PolicyDocumentAnalyzer.GrantingStatements(value, argument).Count > 0),
                _ => throw new InvalidOperationException($"The table has the unknown question '{name}'."),
            };
        }
        catch (UndecidedException)
        {
            return "unknown";
        }
    }

    private static string YesOrNo(bool answer) => answer ? "yes" : "no";

    private static string Names(IEnumerable<string> names) => $"[{string.Join(',', names)}]";
}
