using Qrie.Domain.Findings.Exceptions;
using Qrie.Dynamo.Alerts;

namespace Qrie.Dynamo.Findings;

/// <summary>What verdicts are checked against, as it was read before.</summary>
/// <param name="Exceptions">Those in force.</param>
/// <param name="ExceptionRevision">The number of changes of what is in force.</param>
/// <param name="Wanted">The events that alert rules may match.</param>
/// <param name="ScanId">Null outside scans.</param>
internal sealed record VerdictGate(CurrentPolicies Policies, ExceptionSet Exceptions, long ExceptionRevision, WantedAlerts Wanted, string? ScanId);
