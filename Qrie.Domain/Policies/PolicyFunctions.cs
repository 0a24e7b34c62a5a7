using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies;

/// <summary>The functions that policies may call: those of JMESPath Community and Qrie's own (docs/policy-language.md).</summary>
public static class PolicyFunctions
{
    /// <summary>Part of every definition hash: a function that judges differently must raise it, so that everything is judged again.</summary>
    public const int Version = 2;

    public static FunctionLibrary Library { get; } = FunctionLibrary.Standard.With(
        AgeDays.Function, DaysUntil.Function, Known.Function, ToList.Function, MatchesPattern.Function, Undecided.Function, LogFilterFunctions.Covers,
        DocumentFunctions.PolicyDocument, DocumentFunctions.PublicStatements, DocumentFunctions.AdminStatements, DocumentFunctions.ExternalPrincipals,
        NetworkFunctions.AllowsPort, NetworkFunctions.OpenToWorld, NetworkFunctions.CidrContains);

    public static JmesPathOptions Options { get; } = new() { Functions = Library };
}
