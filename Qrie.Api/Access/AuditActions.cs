namespace Qrie.Api.Access;

/// <summary>The names of actions in the audit log. Filters and exports rely on them.</summary>
internal static class AuditActions
{
    public const string AddAccount = "account.add";
    public const string UpdateAccount = "account.update";
    public const string RemoveAccount = "account.remove";
    public const string OnboardAccount = "account.onboard";
    public const string ImportAccounts = "account.import";
    public const string DiscoverAccounts = "account.discover";
    public const string SetSchedule = "schedule.set";
    public const string LaunchPolicy = "policy.launch";
    public const string UpdatePolicy = "policy.update";
    public const string DeletePolicy = "policy.delete";
    public const string Triage = "finding.triage";
    public const string Comment = "finding.comment";
    public const string CreateException = "exception.create";
    public const string UpdateException = "exception.update";
    public const string RemoveException = "exception.remove";
    public const string ImportExceptions = "exception.import";
    public const string Attest = "compliance.attest";
    public const string WithdrawAttestation = "compliance.withdraw";
    public const string StartScan = "scan.start";
    public const string CancelScan = "scan.cancel";
    public const string RedriveEvents = "events.redrive";
    public const string CreateAlert = "alert.create";
    public const string UpdateAlert = "alert.update";
    public const string DeleteAlert = "alert.delete";
    public const string TestAlert = "alert.test";
    public const string StartArchive = "archive.start";
    public const string CreateKey = "key.create";
    public const string RevokeKey = "key.revoke";
    public const string CreateOrganization = "organization.create";
}
