using Microsoft.AspNetCore.Mvc;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Permissions;

internal static class PermissionEndpoints
{
    public static void MapPermissions(this IEndpointRouteBuilder routes) => routes.MapGet("/permissions", GetPermissions)
        .WithTags("Accounts")
        .WithSummary("The IAM actions that the role in an account needs, or with scan_id those that a scan used and was denied")
        .Produces<PermissionsView>().Produces<ScanPermissionsView>().ProducesProblems(400, 404);

    private static async Task<IResult> GetPermissions(
        [FromQuery] string? policies, [FromQuery] string? services, [FromQuery] string? format, [FromQuery(Name = "scan_id")] string? scanId, ICatalog catalog,
        CatalogPermissions permissions, IPolicyStore launched, IScanStore scans, Caller caller, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        if (scanId is not null)
        {
            var scan = await scans.FindAsync(caller.Organization, scanId, cancel) ?? throw new NotFoundException($"Scan {scanId} not found");
            return TypedResults.Ok(
                await ScanPermissionsView.ReadAsync(scan, scans, launched, snapshot, permissions, cancel)
                ?? throw InvalidInputException.Of("scan_id", "scan_id must be that of an inventory: a policy scan makes no AWS calls."));
        }

        var active = (await launched.ListAsync(caller.Organization, cancel)).Where(p => p.Status == PolicyStatus.Active).Select(p => p.PolicyId).ToList();
        var choice = PermissionChoice.Read(policies, services, active, snapshot);
        return Answer(choice.Of(permissions, snapshot), format, snapshot);
    }

    private static IResult Answer(IReadOnlyList<RequiredAction> required, string? format, ResourceCatalog catalog)
    {
        List<string> actions = [.. required.Select(a => a.Action)];
        return format switch
        {
            null or "json" => TypedResults.Ok(new PermissionsView(actions, [.. required], PolicyDocuments.Of(actions))),
            "cfn" => TypedResults.Text(CustomerTemplate.Of(catalog, actions), "application/yaml"),
            "tf" => TypedResults.Text(PolicyDocuments.Terraform(actions), "text/plain"),
            _ => throw InvalidInputException.Of("format", "format must be json, cfn (a CloudFormation template) or tf (Terraform)"),
        };
    }

    /// <param name="Actions">By name.</param>
    /// <param name="Needed">The actions with what each is needed for.</param>
    /// <param name="PolicyDocuments">IAM policy documents that allow exactly these; several if one would exceed the size of a managed policy.</param>
    internal sealed record PermissionsView(
        IReadOnlyList<string> Actions, IReadOnlyList<RequiredAction> Needed,
        [property: System.Text.Json.Serialization.JsonConverter(typeof(IamJson))] IReadOnlyList<PolicyDocument> PolicyDocuments);
}
