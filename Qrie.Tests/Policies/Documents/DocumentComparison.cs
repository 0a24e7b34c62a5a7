using System.Text.Json;
using Qrie.Domain.Policies.Documents;
using Qrie.JmesPath;

namespace Qrie.Tests.Policies.Documents;

/// <summary>A question for the analysis and the reference.</summary>
/// <param name="Document">The document.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The result of the analysis; null if undecided.</param>
/// <param name="Expected">The result of trying the requests.</param>
internal sealed record ComparedAnswer(JsonElement Document, string Question, bool? Answer, bool Expected)
{
    public bool Disagrees => Answer is { } answer && answer != Expected;
}

/// <summary>Compares both for random documents.</summary>
internal static class DocumentComparison
{
    private static readonly string[] s_tls = ["arn:aws:svc:::r", "arn:aws:svc:::r/*"];
    private static readonly UInt128 s_tlsPairs = Pairs(action => action.StartsWith("svc:", StringComparison.Ordinal),
        resource => resource == "arn:aws:svc:::r" || resource.StartsWith("arn:aws:svc:::r/", StringComparison.Ordinal));

    public static IEnumerable<ComparedAnswer> Compare(JsonElement document)
    {
        var reference = new RequestReference(document, RandomDocuments.Actions, RandomDocuments.Resources);
        JmesValue value = document;
        yield return new(
            document, "public", Asked(() => PolicyDocumentAnalyzer.PublicStatements(value).Count > 0), RandomDocuments.PublicCallers.Any(reference.Allows));
        yield return new(
            document, "external", Asked(() => PolicyDocumentAnalyzer.ExternalPrincipals(value, RandomDocuments.Own).Count > 0),
            RandomDocuments.ExternalCallers.Any(reference.Allows) || RandomDocuments.OfOther.Any(
                caller => reference.Allows(caller with { IsNamed = !IsInCondition(document, RandomDocuments.Other) })));
        var toPut = new RequestReference(document, ["svc:Put"], RandomDocuments.Resources);
        yield return new(
            document, "other account", Asked(() => PolicyDocumentAnalyzer.GrantingStatements(value, RandomDocuments.Other, ["svc:Put"]).Count > 0),
            RandomDocuments.OfOther.Where(caller => caller.Kind == "Account").Any(toPut.Allows));
        yield return new(
            document, "TLS", Asked(() => PolicyDocumentAnalyzer.RequiresTls(value, s_tls)),
            !RandomDocuments.Everyone.Any(caller => reference.LeavesUnrefused(caller, "aws:securetransport", "false", s_tlsPairs)));
    }

    /// <summary>An organization is assumed to be the account's own: its members count only if the document also names their account.</summary>
    private static bool IsInCondition(JsonElement document, string account) => document.GetProperty("Statement").EnumerateArray().Any(statement =>
        statement.TryGetProperty("Condition", out var condition) && condition.GetRawText().Contains(account, StringComparison.Ordinal));

    private static bool? Asked(Func<bool> ask)
    {
        try
        {
            return ask();
        }
        catch (UndecidedException)
        {
            return null;
        }
    }

    private static UInt128 Pairs(Func<string, bool> isAction, Func<string, bool> isResource)
    {
        var pairs = UInt128.Zero;
        for (var i = 0; i < RandomDocuments.Actions.Length; i++)
        {
            for (var j = 0; j < RandomDocuments.Resources.Length; j++)
            {
                var asked = isAction(RandomDocuments.Actions[i]) && isResource(RandomDocuments.Resources[j]);
                pairs |= asked ? UInt128.One << (i * RandomDocuments.Resources.Length + j) : UInt128.Zero;
            }
        }

        return pairs;
    }
}
