using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;

namespace Qrie.Tests.Inventory.Synthesised;

/// <summary>
/// Generates responses from the service model: every member is present, every list has two elements, and the values match the names of members. A call without
/// a required parameter is refused, as by AWS. One member of one operation's response can be omitted.
/// </summary>
internal sealed class ModelResponses(ModelCatalog models, string accountId) : IAwsApi
{
    private const int Deepest = 9;
    private const int Elements = 2;
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Values that the catalog waits for or parses.
    private static readonly Dictionary<string, string> _values = new()
    {
        ["GenerateCredentialReportResponse.State"] = "COMPLETE",
        ["GetCredentialReportResponse.Content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("user,arn\n<root_account>,arn:aws:iam::123456789012:root\n")),
    };

    private readonly ConcurrentDictionary<(string Operation, string Member), byte> _members = new();
    private readonly ConcurrentDictionary<(string Operation, string Region), System.Text.Json.JsonElement> _whole = new();
    private int _sent;

    /// <summary>The operation and the member, <c>Shape.Name</c>, that its responses omit; null for none.</summary>
    public (string Operation, string Member)? Without { get; set; }

    /// <summary>All members of all responses so far, by operation; a shape's member counts once wherever the shape occurs.</summary>
    public IReadOnlyList<(string Operation, string Member)> Members => [.. _members.Keys.Order()];

    public Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        var sentAt = _start.AddSeconds(Interlocked.Increment(ref _sent));
        var operation = models.FindOperation(call.Service, call.Operation).ShouldNotBeNull($"{call}");
        var lacking = operation.Input?.Members.FirstOrDefault(m => m.IsRequired && !Has(call, m.Name));
        if (lacking is not null)
        {
            var error = new AwsError(AwsErrorKind.Invalid, "ValidationException", $"{lacking.Name} is required.", call.Service, call.Operation);
            return Task.FromResult(AwsResult.Failure(error, sentAt));
        }

        var ends = operation.Pagination is { } pages ? pages.OutputTokens.Append(pages.MoreResults).OfType<string>().ToHashSet() : [];
        var name = $"{call.Service}:{call.Operation}";
        var response = Without?.Operation == name ? Make() : _whole.GetOrAdd((name, call.Region), _ => Make());
        return Task.FromResult(AwsResult.Success(response, sentAt, null));

        System.Text.Json.JsonElement Make() => System.Text.Json.JsonSerializer.SerializeToElement(
            operation.Output is { } output ? Structure(name, call.Region, output, "", [], ends) : new JsonObject());
    }

    private static bool Has(AwsCall call, string name) =>
        call.Parameters.ValueKind is System.Text.Json.JsonValueKind.Object && call.Parameters.TryGetProperty(name, out _);

    /// <param name="place">Distinguishes elements of lists: <c>-1-2</c>.</param>
    /// <param name="path">The enclosing shapes.</param>
    /// <param name="ends">Paths of page tokens and markers, so that there is one page.</param>
    private JsonObject Structure(
        string operation, string region, Shape shape, string place, IReadOnlyList<string> path, IReadOnlySet<string> ends, string at = "")
    {
        var made = new JsonObject();
        foreach (var member in shape.Members.Where(m => !ends.Contains(at + m.Name)))
        {
            var name = $"{shape.Name}.{member.Name}";
            _members.TryAdd((operation, name), 0);
            if (Without == (operation, name))
            {
                continue;
            }

            var inner = member.Shape.Name ?? "";
            if (path.Count < Deepest && !path.Any(p => p == inner && inner.Length > 0))
            {
                made[member.Name] = Value(operation, region, name, member.Shape, place, [.. path, inner], ends, $"{at}{member.Name}.");
            }
        }

        return made;
    }

    private JsonNode? Value(
        string operation, string region, string name, Shape shape, string place, IReadOnlyList<string> path, IReadOnlySet<string> ends,
        string at) => shape.Kind switch
        {
            ShapeKind.Structure => Structure(operation, region, shape, place, path, ends, at),
            ShapeKind.List => new JsonArray([.. Enumerable.Range(1, Elements)
                .Select(n => Value(operation, region, name, shape.Element!, $"{place}-{n}", path, ends, at))]),
            ShapeKind.Map => new JsonObject(Enumerable.Range(1, Elements).Select(n => KeyValuePair.Create(
                $"key-{n}", Value(operation, region, name, shape.Element!, $"{place}-{n}", path, ends, at)))),
            ShapeKind.Integer or ShapeKind.Decimal => JsonValue.Create(7),
            ShapeKind.Boolean => JsonValue.Create(true),
            ShapeKind.Timestamp => JsonValue.Create(_start.AddDays(-3).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
            ShapeKind.Policy => PolicyOf(),
            ShapeKind.Document => new JsonObject(),
            _ => JsonValue.Create(Text(region, name, place)),
        };

    private string Text(string region, string name, string place)
    {
        var member = name[(name.IndexOf('.') + 1)..];
        return _values.GetValueOrDefault(name) ?? member switch
        {
            _ when member.EndsWith("Arn", StringComparison.OrdinalIgnoreCase) =>
                $"arn:aws:service:{region}:{accountId}:{member.ToLowerInvariant()}/thing{place}:part:*",
            _ when member.EndsWith("Region", StringComparison.OrdinalIgnoreCase) => region,
            _ when member.EndsWith("AccountId", StringComparison.OrdinalIgnoreCase) || member == "OwnerId" => accountId,
            _ when member.Contains("Policy", StringComparison.OrdinalIgnoreCase) && !member.Contains("Name") && !member.Contains("Id") =>
                PolicyOf().ToJsonString(),
            _ => $"{member}{place}",
        };
    }

    private static JsonObject PolicyOf() => new()
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray(new JsonObject
        {
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = "*" },
            ["Action"] = "*",
            ["Resource"] = "*",
        }),
    };
}
