using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary>The functions available to policies: those of JMESPath Community and Qrie's own (docs/policy-language.md).</summary>
public static class PolicyFunctions
{
    /// <summary>Part of every definition hash: increment it when a function changes, so that everything is evaluated again.</summary>
    public const int Version = 3;

    public static FunctionLibrary Library { get; } = FunctionLibrary.Standard.With(
        DayFunctions.AgeDays, DayFunctions.DaysUntil, Known.Function, ToList.Function, MatchesPattern.Function, Undecided.Function, LogFilterFunctions.Covers,
        DocumentFunctions.PolicyDocument, DocumentFunctions.PublicStatements, DocumentFunctions.GrantingStatements, DocumentFunctions.AdminStatements,
        DocumentFunctions.FullAccessStatements, DocumentFunctions.WildcardServices, DocumentFunctions.GrantedActions, DocumentFunctions.PrivilegeEscalations,
        DocumentFunctions.ConfusedDeputyStatements, DocumentFunctions.ExternalPrincipals, DocumentFunctions.RequiresTls,
        NetworkFunctions.AllowsPort, NetworkFunctions.OpenPorts, NetworkFunctions.OpenRanges, NetworkFunctions.AclOpenPorts,
        NetworkFunctions.AclOpenRanges, NetworkFunctions.CidrContains);

    public static JmesPathOptions Options { get; } = new() { Functions = Library };
}
