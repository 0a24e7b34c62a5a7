using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Access.Audit;

/// <summary>
/// Records writes. Most writes are several transactions (a policy's row, its findings, a scan), so none of them can include the entry: it is stored as started
/// before the first and as completed after the last. After a failure in between it stays started, so no write goes unrecorded; a refused write leaves no entry.
/// </summary>
public sealed partial class AuditTrail(IAuditStore store, TimeProvider clock, ILogger<AuditTrail> logger)
{
    private const int LongestSubject = 500;

    /// <summary>Changes a subject and records its state before and after.</summary>
    /// <param name="act">The action.</param>
    /// <param name="read">Reads the subject, without secrets; null if it does not exist. Called before and after.</param>
    /// <param name="write">The write.</param>
    /// <param name="cancel">Cancels reading the state before, not recording a completed write.</param>
    public async Task<T> RecordAsync<T>(AuditAct act, Func<CancellationToken, Task<JsonElement?>> read, Func<Task<T>> write, CancellationToken cancel)
    {
        var begun = await BeginAsync(act, await read(cancel), cancel);
        var result = await WriteAsync(begun, write);
        await EndAsync(begun, async () => [begun with { Status = AuditStatus.Done, After = await read(CancellationToken.None) }]);
        return result;
    }

    /// <summary>Performs a write whose subjects are known only afterwards, and records each.</summary>
    /// <param name="act">The action; its subject is used only until the result is known.</param>
    /// <param name="write">The write.</param>
    /// <param name="done">Each subject before and after, without secrets; null if it did not exist. Empty if nothing was written.</param>
    /// <param name="cancel">Cancels the start, not recording a completed write.</param>
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

    /// <summary>The write has happened: a failure to record its end must not be reported as a failure of the write.</summary>
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
        [LoggerMessage(1, LogLevel.Error, "Could not record the completion of {Action} {Subject}: audit entry {AuditId} stays started")]
        public static partial void EndNotNoted(ILogger logger, Exception exception, string action, string subject, string auditId);
    }
}

/// <summary>A write to be recorded.</summary>
/// <param name="Organization">The organization whose data is written.</param>
/// <param name="Subject">Its id; empty if the write creates it.</param>
public sealed record AuditAct(string Organization, Actor Actor, string Action, string Subject = "");
