using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Access.Audit;

/// <summary>
/// Records writes. Most of them are several transactions (a policy's row, its findings, a scan), so none of those can hold the entry: it is
/// stored as begun before the first, and as done after the last. Whatever breaks in between leaves it begun, so that no write happens without an
/// entry; a write that is refused leaves none.
/// </summary>
public sealed partial class AuditTrail(IAuditStore store, TimeProvider clock, ILogger<AuditTrail> logger)
{
    private const int LongestSubject = 500;

    /// <summary>Changes a subject and records what it was and became.</summary>
    /// <param name="act">What is done.</param>
    /// <param name="read">The subject as it is, without secrets; null: it is not there. Called before and after.</param>
    /// <param name="write">The write.</param>
    /// <param name="cancel">Calls off the reading before, not the entry of what happened.</param>
    public async Task<T> RecordAsync<T>(AuditAct act, Func<CancellationToken, Task<JsonElement?>> read, Func<Task<T>> write, CancellationToken cancel)
    {
        var begun = await BeginAsync(act, await read(cancel), cancel);
        var result = await WriteAsync(begun, write);
        await EndAsync(begun, async () => [begun with { Status = AuditStatus.Done, After = await read(CancellationToken.None) }]);
        return result;
    }

    /// <summary>Makes or changes what is only known afterwards, and records it, or each of several.</summary>
    /// <param name="act">What is done; its subject counts only while the end is not known.</param>
    /// <param name="write">The write.</param>
    /// <param name="done">What it was and became, without secrets; null: it was not there. Empty: nothing was done.</param>
    /// <param name="cancel">Calls off the beginning, not the entry of what happened.</param>
    public async Task<T> RecordEachAsync<T>(
        AuditAct act, Func<Task<T>> write, Func<T, IEnumerable<(string Subject, JsonElement? Before, JsonElement? After)>> done, CancellationToken cancel)
    {
        var begun = await BeginAsync(act, null, cancel);
        var result = await WriteAsync(begun, write);
        await EndAsync(begun, () => Task.FromResult<IReadOnlyList<AuditEntry>>(
        [
            .. done(result).Select((d, i) => begun with
            {
                AuditId = i == 0 ? begun.AuditId : NewId(begun.At),
                Subject = Cut(d.Subject),
                Status = AuditStatus.Done,
                Before = d.Before,
                After = d.After,
            }),
        ]));
        return result;
    }

    private async Task<AuditEntry> BeginAsync(AuditAct act, JsonElement? before, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var entry = new AuditEntry
        {
            Organization = act.Organization,
            AuditId = NewId(now),
            At = now,
            Actor = act.Actor,
            Action = act.Action,
            Subject = Cut(act.Subject),
            Status = AuditStatus.Begun,
            Before = before,
        };
        await store.BeginAsync(entry, cancel);
        return entry;
    }

    private async Task<T> WriteAsync<T>(AuditEntry begun, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (e is InvalidInputException or NotFoundException or ConflictException)
        {
            await EndAsync(begun, () => Task.FromResult<IReadOnlyList<AuditEntry>>([]));
            throw;
        }
    }

    /// <summary>What happened has happened: that its end could not be noted is no reason to tell the caller that it failed.</summary>
    private async Task EndAsync(AuditEntry begun, Func<Task<IReadOnlyList<AuditEntry>>> done)
    {
        try
        {
            await store.EndAsync(begun, await done(), CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            Log.EndNotNoted(logger, e, begun.Action, begun.Subject, begun.AuditId);
        }
    }

    private static string NewId(DateTimeOffset at) => Guid.CreateVersion7(at).ToString();

    private static string Cut(string subject) => subject.Length > LongestSubject ? subject[..LongestSubject] : subject;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The end of {Action} {Subject} could not be noted: entry {AuditId} of the audit stays begun")]
        public static partial void EndNotNoted(ILogger logger, Exception exception, string action, string subject, string auditId);
    }
}

/// <summary>A write to be recorded.</summary>
/// <param name="Organization">Whose data is written.</param>
/// <param name="Subject">Its id; empty: it gets one by being made.</param>
public sealed record AuditAct(string Organization, Actor Actor, string Action, string Subject = "");
