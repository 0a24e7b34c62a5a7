using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Access;

/// <summary>Every write has an audit entry, whatever fails in between.</summary>
public sealed class AuditTrailTests : IAsyncLifetime
{
    private static readonly AuditAct s_act = new(Some.Org, new Actor("key1", null, Role.Admin, "127.0.0.1", "r1"), "thing.change", "thing");

    private StoreSet _stores = null!;
    private AuditTrail _trail = null!;
    private string? _thing = "old";

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        _trail = new AuditTrail(_stores.Audit, new FakeClock(), NullLogger<AuditTrail>.Instance);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task A_change_has_its_old_and_new_value()
    {
        (await _trail.RecordAsync(s_act, ReadAsync, () => Task.FromResult(_thing = "new"), default)).ShouldBe("new");

        var entry = (await EntriesAsync()).Single();
        (entry.Status, entry.Action, entry.Subject, entry.Actor).ShouldBe((AuditStatus.Done, "thing.change", "thing", s_act.Actor));
        (entry.Before?.GetString(), entry.After?.GetString()).ShouldBe(("old", "new"));
    }

    [Fact]
    public async Task The_entry_is_there_before_the_write_begins() => await _trail.RecordAsync(
        s_act, ReadAsync,
        async () =>
        {
            var entry = (await EntriesAsync()).Single();
            (entry.Status, entry.Before?.GetString(), entry.After).ShouldBe((AuditStatus.Begun, "old", null));
            return _thing = null;
        },
        default);

    [Fact]
    public async Task A_refused_write_leaves_no_entry()
    {
        foreach (Exception refusal in (Exception[])[new ConflictException("no"), new NotFoundException("no"), InvalidInputException.Of("x", "no")])
        {
            (await Should.ThrowAsync<Exception>(() => _trail.RecordAsync<int>(s_act, ReadAsync, () => throw refusal, default))).ShouldBe(refusal);
        }

        (await EntriesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_write_that_fails_halfway_stays_started_because_it_may_have_taken_effect()
    {
        foreach (Exception broken in (Exception[])[
            new StoreUnavailableException("gone"), new OperationCanceledException(), new InvalidOperationException("a mistake")])
        {
            await Should.ThrowAsync<Exception>(() => _trail.RecordAsync<int>(s_act, ReadAsync, () => throw broken, default));
        }

        (await EntriesAsync()).Select(e => e.Status).ShouldBe([AuditStatus.Begun, AuditStatus.Begun, AuditStatus.Begun]);
    }

    [Fact]
    public async Task Nothing_is_written_when_it_cannot_be_recorded()
    {
        var trail = new AuditTrail(new HalfStore(_stores.Audit, begins: false), new FakeClock(), NullLogger<AuditTrail>.Instance);

        await Should.ThrowAsync<StoreUnavailableException>(() => trail.RecordAsync(s_act, ReadAsync, () => Task.FromResult(_thing = "new"), default));

        _thing.ShouldBe("old");
    }

    [Fact]
    public async Task A_write_succeeds_even_if_the_end_of_its_entry_cannot_be_stored()
    {
        var trail = new AuditTrail(new HalfStore(_stores.Audit, begins: true), new FakeClock(), NullLogger<AuditTrail>.Instance);

        (await trail.RecordAsync(s_act, ReadAsync, () => Task.FromResult(_thing = "new"), default)).ShouldBe("new");

        (await EntriesAsync()).Single().Status.ShouldBe(AuditStatus.Begun);
    }

    [Fact]
    public async Task A_caller_who_disconnects_after_the_write_does_not_prevent_its_entry()
    {
        using var gone = new CancellationTokenSource();

        await _trail.RecordAsync(s_act, ReadAsync, () => { gone.Cancel(); return Task.FromResult(_thing = "new"); }, gone.Token);

        (await EntriesAsync()).Single().After?.GetString().ShouldBe("new");
    }

    [Fact]
    public async Task Each_of_several_changes_has_an_entry()
    {
        await _trail.RecordEachAsync(
            s_act with { Subject = "a,b" }, () => Task.FromResult<string[]>(["a", "b"]),
            done => done.Select(d => (d, d == "a" ? (JsonElement?)null : Json("old"), (JsonElement?)Json(d))), default);

        (await EntriesAsync()).Select(e => (e.Subject, e.Before?.GetString(), e.After?.GetString()))
            .ShouldBe([("a", null, "a"), ("b", "old", "b")], ignoreOrder: true);
    }

    [Fact]
    public async Task A_write_without_effect_has_no_entry()
    {
        await _trail.RecordEachAsync(s_act, () => Task.FromResult(0), _ => [], default);

        (await EntriesAsync()).ShouldBeEmpty();
    }

    private Task<JsonElement?> ReadAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult<JsonElement?>(_thing is null ? null : Json(_thing));
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync() =>
        (await _stores.Audit.ListAsync(Some.Org, new AuditFilter(), new PageRequest(100), default)).Items;

    /// <summary>A store whose disk becomes full, before or after a write.</summary>
    private sealed class HalfStore(IAuditStore store, bool begins) : IAuditStore
    {
        public Task BeginAsync(AuditEntry entry, CancellationToken cancel) =>
            begins ? store.BeginAsync(entry, cancel) : throw new StoreUnavailableException("full");

        public Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel) => throw new StoreUnavailableException("full");

        public Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel) =>
            throw new NotSupportedException();
    }
}
