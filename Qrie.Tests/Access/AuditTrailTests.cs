using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Access;

/// <summary>Whatever happens on the way, a write that happened has its entry.</summary>
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
    public async Task A_change_has_what_was_before_and_after()
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
    public async Task What_is_refused_leaves_no_entry()
    {
        foreach (Exception refusal in (Exception[])[new ConflictException("no"), new NotFoundException("no"), InvalidInputException.Of("x", "no")])
        {
            (await Should.ThrowAsync<Exception>(() => _trail.RecordAsync<int>(s_act, ReadAsync, () => throw refusal, default))).ShouldBe(refusal);
        }

        (await EntriesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_breaks_on_the_way_stays_begun_because_it_may_have_happened()
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
    public async Task What_happened_is_not_called_a_failure_because_its_end_could_not_be_noted()
    {
        var trail = new AuditTrail(new HalfStore(_stores.Audit, begins: true), new FakeClock(), NullLogger<AuditTrail>.Instance);

        (await trail.RecordAsync(s_act, ReadAsync, () => Task.FromResult(_thing = "new"), default)).ShouldBe("new");

        (await EntriesAsync()).Single().Status.ShouldBe(AuditStatus.Begun);
    }

    [Fact]
    public async Task A_caller_who_goes_away_after_the_write_takes_nothing_along()
    {
        using var gone = new CancellationTokenSource();

        await _trail.RecordAsync(s_act, ReadAsync, () => { gone.Cancel(); return Task.FromResult(_thing = "new"); }, gone.Token);

        (await EntriesAsync()).Single().After?.GetString().ShouldBe("new");
    }

    [Fact]
    public async Task Of_several_things_each_has_an_entry()
    {
        await _trail.RecordEachAsync(
            s_act with { Subject = "a,b" }, () => Task.FromResult<string[]>(["a", "b"]),
            done => done.Select(d => (d, d == "a" ? (JsonElement?)null : Json("old"), (JsonElement?)Json(d))), default);

        (await EntriesAsync()).Select(e => (e.Subject, e.Before?.GetString(), e.After?.GetString()))
            .ShouldBe([("a", null, "a"), ("b", "old", "b")], ignoreOrder: true);
    }

    [Fact]
    public async Task Where_nothing_came_of_it_there_is_no_entry()
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

    /// <summary>A store whose disk fills up, before or after a write.</summary>
    private sealed class HalfStore(IAuditStore store, bool begins) : IAuditStore
    {
        public Task BeginAsync(AuditEntry entry, CancellationToken cancel) =>
            begins ? store.BeginAsync(entry, cancel) : throw new StoreUnavailableException("full");

        public Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel) => throw new StoreUnavailableException("full");

        public Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel) =>
            throw new NotSupportedException();
    }
}
