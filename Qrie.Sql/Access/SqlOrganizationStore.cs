using Dapper;
using Qrie.Domain.Access;
using Qrie.Sql.Database;

namespace Qrie.Sql.Access;

public sealed class SqlOrganizationStore(SqlDatabase database) : IOrganizationStore
{
    private const string Fields = "organization, name, created_at";

    public Task<bool> AddAsync(Organization organization, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction => await transaction.Connection!.ExecuteAsync(
                "INSERT INTO organizations (organization, name, created_at) VALUES (@OrganizationId, @Name, @at) ON CONFLICT (organization) DO NOTHING",
                new { organization.OrganizationId, organization.Name, at = Columns.Ms(organization.CreatedAt) }, transaction) > 0,
            cancel);

    public Task<Organization?> FindAsync(string organizationId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                $"SELECT {Fields} FROM organizations WHERE organization = @organizationId", new { organizationId }))?.ToOrganization(),
            cancel);

    public Task<IReadOnlyList<Organization>> ListAsync(CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Organization>>(
            async connection =>
                [.. (await connection.QueryAsync<Row>($"SELECT {Fields} FROM organizations ORDER BY organization")).Select(row => row.ToOrganization())],
            cancel);

    private sealed class Row
    {
        public string Organization { get; set; } = "";
        public string? Name { get; set; }
        public long CreatedAt { get; set; }

        public Organization ToOrganization() => new(Organization, Name, Columns.Time(CreatedAt));
    }
}
