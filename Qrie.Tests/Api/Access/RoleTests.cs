using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Qrie.Api.Access;
using Qrie.Domain;
using Qrie.Domain.Access;

namespace Qrie.Tests.Api.Access;

/// <summary>The permissions of every route.</summary>
public sealed class RoleTests : IAsyncLifetime
{
    /// <summary>Routes without authentication.</summary>
    private static readonly string[] s_open = ["GET /", "GET /health", "GET /health/live", "GET /health/ready", "GET /swagger/key.js"];

    /// <summary>Reads for admins, and writes for readers or operators. Other reads are for readers, other writes for admins.</summary>
    private static readonly Dictionary<string, Role> s_special = new()
    {
        ["GET /keys"] = Role.Admin,
        ["GET /organizations"] = Role.Admin,
        ["GET /audit"] = Role.Admin,
        ["GET /audit/refused-logins"] = Role.Admin,
        ["POST /policies/evaluate"] = Role.Reader,
        ["POST /policies/{policyId}/preview"] = Role.Reader,
        ["POST /policies"] = Role.Operator,
        ["POST /policies/launch"] = Role.Operator,
        ["PUT /policies/update"] = Role.Operator,
        ["PUT /policies/{policyId}"] = Role.Operator,
        ["DELETE /policies/{policyId}"] = Role.Operator,
        ["PATCH /findings/{findingId}/triage"] = Role.Operator,
        ["POST /findings/{findingId}/comments"] = Role.Operator,
        ["PATCH /findings/triage"] = Role.Operator,
        ["POST /exceptions"] = Role.Operator,
        ["POST /exceptions/import"] = Role.Operator,
        ["PATCH /exceptions/{exceptionId}"] = Role.Operator,
        ["DELETE /exceptions/{exceptionId}"] = Role.Operator,
        ["POST /accounts/{accountId}/check"] = Role.Operator,
        ["POST /schedules/{kind}/run"] = Role.Operator,
        ["POST /frameworks/{frameworkId}/launch"] = Role.Operator,
        ["PUT /frameworks/{frameworkId}/requirements/{requirementId}/attestation"] = Role.Auditor,
        ["DELETE /frameworks/{frameworkId}/requirements/{requirementId}/attestation"] = Role.Auditor,
        ["POST /scans"] = Role.Operator,
        ["DELETE /scans/{scanId}"] = Role.Operator,
        ["POST /events/dead/redrive"] = Role.Operator,
    };

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await KeyClients.StartAsync();

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Fact]
    public void Every_route_documents_its_role()
    {
        foreach (var (route, endpoint) in Routes())
        {
            if (s_open.Contains(route))
            {
                endpoint.Metadata.GetMetadata<IAllowAnonymous>().ShouldNotBeNull(route);
                continue;
            }

            endpoint.Metadata.GetMetadata<IAllowAnonymous>().ShouldBeNull(route);
            endpoint.Metadata.GetMetadata<NeededRole>().ShouldNotBeNull(route).Role.ShouldBe(RoleOf(route), route);
            endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(a => a.Policy).ShouldContain(RoleOf(route).ToString(), route);
        }
    }

    [Fact]
    public void Every_route_that_changes_something_is_audited()
    {
        // A check only calls AWS.
        var writes = Routes()
            .Where(r => !r.Route.StartsWith("GET ", StringComparison.Ordinal) && RoleOf(r.Route) != Role.Reader
                && !r.Route.EndsWith("/check", StringComparison.Ordinal)).ToList();

        writes.Count.ShouldBeGreaterThan(8);
        foreach (var (route, endpoint) in writes)
        {
            endpoint.Metadata.GetMetadata<AuditedAs>().ShouldNotBeNull(route);
            endpoint.Metadata.GetMetadata<System.Reflection.MethodInfo>()!.GetParameters().Select(p => p.ParameterType)
                .ShouldContain(typeof(RequestAudit), route);
        }
    }

    [Fact]
    public async Task Every_route_admits_exactly_the_callers_with_its_role()
    {
        await _qrie.MakeOrganizationAsync("shop");
        var callers = new List<(string Name, Role? Role, HttpClient Client)> { ("nobody", null, _qrie.Http) };
        foreach (var organization in (string[])[Organizations.Default, "shop"])
        {
            foreach (var role in Enum.GetValues<Role>())
            {
                callers.Add(($"{role} of {organization}", role, await _qrie.ClientAsync(role, organization)));
            }
        }

        foreach (var (route, endpoint) in Routes())
        {
            var (method, path) = (route.Split(' ')[0], Filled(route.Split(' ')[1]));
            var installation = endpoint.Metadata.GetMetadata<NeededRole>()?.Installation == true;
            foreach (var (name, role, client) in callers)
            {
                var (status, text) = await client.CallAsync(method, path, method is "GET" or "DELETE" ? null : "{}");
                var open = s_open.Contains(route);
                var expected = open ? Access.Allowed
                    : role is null ? Access.NotKnown
                    : role >= RoleOf(route) && (!installation || name.EndsWith("default", StringComparison.Ordinal)) ? Access.Allowed
                    : Access.Forbidden;
                (status switch
                {
                    HttpStatusCode.Unauthorized => Access.NotKnown,
                    HttpStatusCode.Forbidden => Access.Forbidden,
                    < HttpStatusCode.InternalServerError => Access.Allowed,
                    _ => Access.Broken,
                }).ShouldBe(expected, $"{route} by {name}: {(int)status} {text}");
            }
        }
    }

    [Fact]
    public void Only_organizations_and_refused_logins_belong_to_the_installation() =>
        Routes().Where(r => r.Endpoint.Metadata.GetMetadata<NeededRole>()?.Installation == true).Select(r => r.Route)
            .ShouldBe(["GET /audit/refused-logins", "GET /organizations", "POST /organizations"]);

    [Fact]
    public async Task A_refusal_names_the_missing_role_and_the_remedy()
    {
        using var reader = await _qrie.ClientAsync(Role.Reader);
        var (status, text) = await reader.CallAsync("POST", "/scans", "{}");

        status.ShouldBe(HttpStatusCode.Forbidden);
        JsonElement.Parse(text).GetProperty("message").GetString()
            .ShouldBe("Your key has the role reader; POST /scans needs the role operator. Send a key with that role; an admin creates one with POST /keys.");
    }

    [Fact]
    public async Task An_unknown_path_is_a_404_only_for_callers_with_a_key()
    {
        using var reader = await _qrie.ClientAsync(Role.Reader);

        (await reader.CallAsync("GET", "/nope")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _qrie.Http.CallAsync("GET", "/nope")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static Role RoleOf(string route) =>
        s_special.TryGetValue(route, out var role) ? role : route.StartsWith("GET ", StringComparison.Ordinal) ? Role.Reader : Role.Admin;

    private static string Filled(string pattern) => pattern
        .Replace("{**arn}", "arn%3Aaws%3As3%3A%3A%3Anone", StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal)
        .Replace("{accountId}", "999999999999", StringComparison.Ordinal)
        .Replace("{scanId}", Guid.Empty.ToString(), StringComparison.Ordinal)
        .Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

    private List<(string Route, RouteEndpoint Endpoint)> Routes() =>
    [
        .. from endpoint in _qrie.Routes
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           let route = $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"
           orderby route.Split(' ')[1], route
           select (route, endpoint),
    ];

    private enum Access
    {
        Allowed,
        NotKnown,
        Forbidden,
        Broken,
    }
}
