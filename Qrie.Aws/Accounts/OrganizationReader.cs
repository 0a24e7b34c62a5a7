using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts.Discovery;

namespace Qrie.Aws.Accounts;

/// <summary>
/// Reads an AWS organization with the credentials of its management account or of a delegated administrator. The list of accounts is complete or an error;
/// organizational units are read from the root, which takes a call per unit instead of several per account.
/// </summary>
public sealed class OrganizationReader(
    IAwsApi api, ModelCatalog models, AmbientIdentityLookup ambient, AwsRegion region, DiscoveryAccess access) : IOrganizationReader
{
    private const int TagsAtOnce = 8;

    public async Task<OrganizationResult> ReadAsync(CancellationToken cancel)
    {
        var principal = access.RoleArn is { } role ? new AwsPrincipal(role.Split(':')[4], role, access.ExternalId) : AwsPrincipal.Ambient;
        var described = await api.CallAsync(new AwsCall(principal, region.Name, "organizations", "DescribeOrganization"), cancel);
        if (described.Error is { } error)
        {
            return new OrganizationResult(null, error.Code == "AWSOrganizationsNotInUseException" ? NotInUse(error) : Explain(error, null));
        }

        var organization = described.Content.GetProperty("Organization");
        var (id, management) = (organization.GetProperty("Id").GetString()!, organization.GetProperty("MasterAccountId").GetString()!);
        var (accounts, refusal) = await ListAsync(principal, "ListAccounts", "Accounts", null, cancel);
        if (refusal is not null)
        {
            return new OrganizationResult(null, Explain(refusal, management));
        }

        if (!accounts.Exists(a => Text(a, "Id") == management))
        {
            // The management account is always a member.
            return new OrganizationResult(null, new DiscoveryProblem(
                "IncompleteList", $"AWS listed {accounts.Count} accounts without the management account {management}.",
                null, "Try again later; nothing was changed."));
        }

        var problems = new List<DiscoveryProblem>();
        var units = await UnitsAsync(principal, management, problems, cancel);
        var tags = await TagsAsync(principal, management, [.. accounts.Select(a => Text(a, "Id")!)], problems, cancel);
        return new OrganizationResult(
            new OrganizationMembers(
                id, management,
                [
                    .. accounts.Select(a => new MemberAccount(
                        Text(a, "Id")!, Text(a, "Name"), units?.GetValueOrDefault(Text(a, "Id")!), tags.GetValueOrDefault(Text(a, "Id")!), IsActive(a))),
                ],
                problems),
            null);
    }

    /// <summary>Paths by account; null if they could not be read.</summary>
    private async Task<Dictionary<string, string>?> UnitsAsync(
        AwsPrincipal principal, string management, List<DiscoveryProblem> problems, CancellationToken cancel)
    {
        var paths = new Dictionary<string, string>();
        var (roots, error) = await ListAsync(principal, "ListRoots", "Roots", null, cancel);
        var open = new Queue<(string Id, string Path)>(roots.Select(r => (Text(r, "Id")!, "")));
        while (error is null && open.TryDequeue(out var parent))
        {
            (var members, error) = await ListAsync(principal, "ListAccountsForParent", "Accounts", parent.Id, cancel);
            members.ForEach(m => paths[Text(m, "Id")!] = parent.Path.Length == 0 ? "/" : parent.Path);
            if (error is null)
            {
                (var children, error) = await ListAsync(principal, "ListOrganizationalUnitsForParent", "OrganizationalUnits", parent.Id, cancel);
                children.ForEach(c => open.Enqueue((Text(c, "Id")!, $"{parent.Path}/{Text(c, "Name")}")));
            }
        }

        if (error is not null)
        {
            problems.Add(Explain(error, management) with { Message = $"Organizational units are unchanged: {error.Message}" });
        }

        return error is null ? paths : null;
    }

    /// <summary>Tags by account, of those that could be read. A refusal applies to all of them.</summary>
    private async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> TagsAsync(
        AwsPrincipal principal, string management, IReadOnlyList<string> accounts, List<DiscoveryProblem> problems, CancellationToken cancel)
    {
        var tags = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        AwsError? refusal = null;
        foreach (var chunk in accounts.Chunk(TagsAtOnce))
        {
            var responses = await Task.WhenAll(chunk.Select(id => ListAsync(principal, "ListTagsForResource", "Tags", id, cancel, "ResourceId")));
            foreach (var (id, (found, error)) in chunk.Zip(responses))
            {
                refusal ??= error;
                if (error is null)
                {
                    tags[id] = found.ToDictionary(t => Text(t, "Key")!, t => Text(t, "Value") ?? "");
                }
            }

            if (refusal?.Kind is AwsErrorKind.Denied)
            {
                break;
            }
        }

        if (refusal is not null)
        {
            problems.Add(Explain(refusal, management) with { Message = $"Tags are unchanged: {refusal.Message}" });
        }

        return tags;
    }

    private async Task<(List<JsonElement> Items, AwsError? Error)> ListAsync(
        AwsPrincipal principal, string operation, string member, string? about, CancellationToken cancel, string parameter = "ParentId")
    {
        var parameters = about is null ? default : JsonSerializer.SerializeToElement(new Dictionary<string, string> { [parameter] = about });
        var items = new List<JsonElement>();
        await foreach (var page in api.PagesAsync(new AwsCall(principal, region.Name, "organizations", operation, parameters), models, cancel))
        {
            if (page.Error is not null)
            {
                return ([], page.Error);
            }

            // AWS may return an empty page that is not the last.
            items.AddRange(page.Content.TryGetProperty(member, out var list) ? list.EnumerateArray() : []);
        }

        return (items, null);
    }

    private static DiscoveryProblem Explain(AwsError error, string? management) => new(
        error.Code, error.Message, error.Kind == AwsErrorKind.Denied ? $"organizations:{error.Operation}" : null,
        error.Kind switch
        {
            AwsErrorKind.NoCredentials => "Provide AWS credentials for Qrie itself.",
            AwsErrorKind.Denied =>
                $"Run Qrie in the management account{(management is null ? "" : $" ({management})")} "
                + $"or in one that is registered as a delegated administrator, and allow {Needed}; "
                + "or set Discovery:RoleArn to such a role that Qrie may assume.",
            _ => "Try again later; nothing was changed.",
        });

    private DiscoveryProblem NotInUse(AwsError error) => new(
        error.Code, $"The account of Qrie's credentials{(Ambient is { } id ? $" ({id})" : "")} does not belong to an AWS organization.", null,
        "Register accounts with POST /accounts or POST /accounts/import, or set Discovery:RoleArn to a role in the management account.");

    private string? Ambient => access.RoleArn is { } role ? role.Split(':')[4] : ambient.Known?.AccountId;

    /// <summary>The account state is called Status in older responses.</summary>
    private static bool IsActive(JsonElement account) => (Text(account, "State") ?? Text(account, "Status")) is null or "ACTIVE" or "PENDING_ACTIVATION";

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private const string Needed =
        "organizations:DescribeOrganization, ListAccounts, ListRoots, ListAccountsForParent, ListOrganizationalUnitsForParent and ListTagsForResource";
}

/// <summary>Access to the AWS organization.</summary>
/// <param name="RoleArn">A role in its management account or a delegated administrator; null to use Qrie's own credentials.</param>
public sealed record DiscoveryAccess(string? RoleArn, string? ExternalId);
