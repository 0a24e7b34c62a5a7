using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Sql.Database;

namespace Qrie.Sql.Access;

public sealed class SqlAuditStore(SqlDatabase database) : IAuditStore
{
    public Task BeginAsync(AuditEntry entry, CancellationToken cancel) =>
        database.WriteAsync(transaction => InsertAsync(transaction, [entry]), cancel);

    public Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(
                    "DELETE FROM audit WHERE organization = @Organization AND at = @at AND audit_id = @AuditId AND status = 'begun'",
                    new { begun.Organization, at = Columns.Ms(begun.At), begun.AuditId }, transaction);
                await InsertAsync(transaction, done);
            },
            cancel);

    public Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel)
    {
        var conditions = new List<string> { "organization = @organization" };
        Add(filter.Actor is not null, "actor = @Actor");
        Add(filter.Action is not null, "action = @Action");
        Add(filter.Subject is not null, "subject = @Subject");
        Add(filter.From is not null, "at >= @from");
        Add(filter.To is not null, "at < @to");
        Add(page.After is not null, "(at < @at OR (at = @at AND audit_id < @id))");
        return database.ReadAsync(
            organization,
            async connection =>
            {
                var rows = (await connection.QueryAsync<Row>(
                    $"SELECT * FROM audit WHERE {string.Join(" AND ", conditions)} ORDER BY at DESC, audit_id DESC LIMIT @limit",
                    new
                    {
                        organization,
                        filter.Actor,
                        filter.Action,
                        filter.Subject,
                        from = Columns.Ms(filter.From),
                        to = Columns.Ms(filter.To),
                        at = page.After is { } after ? long.Parse(after[0], CultureInfo.InvariantCulture) : 0,
                        id = page.After?[1],
                        limit = page.Size + 1,
                    })).AsList();
                return Paged.Of(rows, page.Size, row => row.ToEntry(), row => [row.At.ToString(CultureInfo.InvariantCulture), row.AuditId]);
            },
            cancel);

        void Add(bool given, string condition)
        {
            if (given)
            {
                conditions.Add(condition);
            }
        }
    }

    private static Task<int> InsertAsync(DbTransaction transaction, IReadOnlyList<AuditEntry> entries) => transaction.ExecuteRowsAsync(
        """
        INSERT INTO audit (organization, at, audit_id, actor, actor_name, role, address, request_id, action, subject, status, before, after)
        VALUES (@Organization, @at, @AuditId, @actor, @name, @role, @Address, @RequestId, @Action, @Subject, @status, @before, @after)
        """,
        entries.Select(e => new
        {
            e.Organization,
            at = Columns.Ms(e.At),
            e.AuditId,
            actor = e.Actor.Id,
            name = e.Actor.Name,
            role = e.Actor.Role is { } role ? Columns.Name(role) : null,
            e.Actor.Address,
            e.Actor.RequestId,
            e.Action,
            e.Subject,
            status = Columns.Name(e.Status),
            before = e.Before?.GetRawText(),
            after = e.After?.GetRawText(),
        }).ToList());

    private sealed class Row
    {
        public string Organization { get; set; } = "";
        public long At { get; set; }
        public string AuditId { get; set; } = "";
        public string Actor { get; set; } = "";
        public string? ActorName { get; set; }
        public string? Role { get; set; }
        public string? Address { get; set; }
        public string? RequestId { get; set; }
        public string Action { get; set; } = "";
        public string Subject { get; set; } = "";
        public string Status { get; set; } = "";
        public string? Before { get; set; }
        public string? After { get; set; }

        public AuditEntry ToEntry() => new()
        {
            Organization = Organization,
            AuditId = AuditId,
            At = Columns.Time(At),
            Actor = new Actor(Actor, ActorName, Columns.ParseOrNull<Role>(Role), Address, RequestId),
            Action = Action,
            Subject = Subject,
            Status = Columns.Parse<AuditStatus>(Status),
            Before = Before is null ? null : JsonElement.Parse(Before),
            After = After is null ? null : JsonElement.Parse(After),
        };
    }
}
