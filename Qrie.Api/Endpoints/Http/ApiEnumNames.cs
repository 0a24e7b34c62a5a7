using System.Text.Json;
using Qrie.Aws.Onboarding;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Accounts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Api.Endpoints.Http;

/// <summary>The names of the domain's enumerations in the REST contract. Clients rely on them.</summary>
internal static class ApiEnumNames
{
    public static string Of(ScanKind kind) => Lower(kind);

    public static string Of(ScanType type) => type == ScanType.AntiEntropy ? "anti-entropy" : "bootstrap";

    public static string Of(ScanLevel level) => Lower(level);

    public static string Of(ScanStatus status) => Lower(status);

    public static string Of(UnitStatus status) => Lower(status);

    public static string Of(AccountStatus status) => Lower(status);

    public static string Of(RemovalReason reason) => Lower(reason);

    public static string Of(ImportOutcome outcome) => Lower(outcome);

    public static string Of(CallOutcome outcome) => Lower(outcome);

    public static string Of(ListOutcome outcome) => Lower(outcome);

    public static string Of(Verdict verdict) => Lower(verdict);

    public static string Of(PolicyStatus status) => Lower(status);

    public static string Of(EquivalentCoverage covers) => Lower(covers);

    public static string Of(PreviewedChange change) => Lower(change);

    public static string Of(SeverityBand band) => Lower(band);
    public static string Of(DriftChange change) => Lower(change);

    public static string Of(StaleReason reason) => Lower(reason);

    public static string Of(MessageOutcome outcome) => Lower(outcome);

    public static string Of(FindingState state) => Upper(state);

    public static string Of(Workflow workflow) => Upper(workflow);

    public static string Of(ExceptionStatus status) => Lower(status);

    public static string Of(ResolvedReason reason) => Upper(reason);

    public static string Of(Role role) => Lower(role);

    public static string Of(KeyStatus status) => Lower(status);

    public static string Of(KeyRefusal refusal) => Lower(refusal);

    public static string Of(AuditStatus status) => Lower(status);

    public static string Of(RequirementState state) => Lower(state);

    public static string Of(CauseKind kind) => Lower(kind);

    public static string Of(ParamFit fit) => Lower(fit);

    public static string Of(ParamBound bound) => Lower(bound);

    public static string Of(ArchiveReason reason) => Lower(reason);

    public static string Of(ArchiveStatus status) => Lower(status);

    public static string Of(PairVerdict verdict) => Lower(verdict);

    public static string Of(TrendMarkKind kind) => Lower(kind);

    /// <summary>The names of all values whose names are in lower case.</summary>
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Lower);

    /// <summary>By a name in lower case; null if there is no such value.</summary>
    public static T? Find<T>(string? name)
        where T : struct, Enum => Enum.GetValues<T>().Where(value => Lower(value) == name).Select(value => (T?)value).FirstOrDefault();

    /// <summary>By a name in upper case; null if there is no such value.</summary>
    public static T? FindUpper<T>(string? name)
        where T : struct, Enum => Enum.GetValues<T>().Where(value => Upper(value) == name).Select(value => (T?)value).FirstOrDefault();

    /// <summary>Null if there is no such role.</summary>
    public static Role? ToRole(string? word)
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            if (Of(role) == word)
            {
                return role;
            }
        }

        return null;
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Upper<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());
}
