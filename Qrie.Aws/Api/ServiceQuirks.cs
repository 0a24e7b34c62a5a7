using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Amazon.Runtime.Internal;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;

namespace Qrie.Aws.Api;

/// <summary>What services do that no model tells. Each of these is what boto3 and the AWS CLI do as well.</summary>
internal static class ServiceQuirks
{
    private static readonly HashSet<string> _encodedListings = new(StringComparer.Ordinal)
    {
        "ListObjects",
        "ListObjectsV2",
        "ListObjectVersions",
        "ListMultipartUploads",
    };

    private static readonly HashSet<string> _encodedMembers =
        new(StringComparer.Ordinal) { "Key", "Prefix", "Delimiter", "StartAfter", "KeyMarker", "NextKeyMarker", "Marker", "NextMarker" };

    private static readonly string[] _zoneIds = ["Id", "HostedZoneId", "DelegationSetId", "ChangeId"];

    private static readonly string[] _encodedLists = ["Contents", "CommonPrefixes", "Versions", "DeleteMarkers", "Uploads"];

    /// <summary>The parameters as they are sent.</summary>
    public static JsonElement PrepareParameters(ServiceModel service, Operation operation, JsonElement parameters) => service.Name switch
    {
        // Ids come out of the API as /hostedzone/Z1 and go in as Z1.
        "route53" => Change(parameters, p =>
        {
            foreach (var name in _zoneIds)
            {
                if (p[name] is JsonValue id && id.TryGetValue<string>(out var text))
                {
                    p[name] = text[(text.LastIndexOf('/') + 1)..];
                }
            }
        }),

        // "-" is the account of the credentials.
        "glacier" when operation.Input?.FindMember("accountId") is not null => Change(parameters, p => p.TryAdd("accountId", "-")),

        // Object keys may hold characters that XML cannot.
        "s3" when AsksForEncoding(operation, parameters) => Change(parameters, p => p["EncodingType"] = "url"),
        _ => parameters,
    };

    /// <summary>The answer as people expect it. The parameters are those of the caller, before <see cref="PrepareParameters"/>.</summary>
    public static JsonElement FinishResponse(ServiceModel service, Operation operation, JsonElement parameters, JsonElement answer)
    {
        if (service.Name == "s3" && AsksForEncoding(operation, parameters)
            && answer.TryGetProperty("EncodingType", out var encoding) && encoding.ValueEquals("url"))
        {
            return Change(answer, DecodeListing);
        }

        if (service.Name == "cloudformation" && operation.Name == "GetTemplate"
            && answer.TryGetProperty("TemplateBody", out var template) && template.ValueKind is JsonValueKind.String)
        {
            return Change(answer, a => a["TemplateBody"] = ParseTemplate(template.GetString()!));
        }

        return answer;
    }

    /// <summary>Moves a bucket from the path to the host name, as S3 wants it; names with dots would not fit the certificate and stay.</summary>
    public static void MoveBucketToHost(ServiceModel service, IRequest request)
    {
        if (service.Name == "s3" && request.PathResources.TryGetValue("{Bucket}", out var bucket) && FitsHostName(bucket))
        {
            request.Endpoint = new UriBuilder(request.Endpoint) { Host = $"{bucket}.{request.Endpoint.Host}" }.Uri;
            request.PathResources.Remove("{Bucket}");
            var path = request.ResourcePath.Replace("/{Bucket}", "", StringComparison.Ordinal);
            request.ResourcePath = path.Length == 0 ? "/" : path;
        }
    }

    /// <summary>GetBucketLocation answers with its root element's text, which no model can say.</summary>
    public static bool ReadsBodyItself(ServiceModel service, Operation operation) => service.Name == "s3" && operation.Name == "GetBucketLocation";

    /// <summary>Reads what <see cref="ReadsBodyItself"/> names; an empty location is us-east-1, shown as null.</summary>
    public static void ReadBody(Utf8JsonWriter writer, XmlReader reader)
    {
        var location = reader.ReadElementContentAsString();
        if (location.Length > 0)
        {
            writer.WriteString("LocationConstraint", location);
        }
        else
        {
            writer.WriteNull("LocationConstraint");
        }
    }

    /// <summary>GetBucketPolicy answers with the document itself, which is JSON; any other text is something else's page.</summary>
    /// <exception cref="JsonException">It is not.</exception>
    public static void CheckText(ServiceModel service, Operation operation, ArraySegment<byte> body)
    {
        if (service.Name == "s3" && operation.Name == "GetBucketPolicy" && JsonElement.Parse(body).ValueKind is not JsonValueKind.Object)
        {
            throw new JsonException("a bucket policy is a JSON object");
        }
    }

    /// <summary>
    /// The region in which the same request for the same bucket succeeds; null: none is told, or none that may be believed. Of the answer only the region's
    /// name is taken, never an address: an endpoint of the same partition is found for it as for any other.
    /// </summary>
    public static string? FindRightRegion(
        ServiceModel service, JsonElement parameters, WireError error, int status, string askedRegion, EndpointTable endpoints)
    {
        var isRedirect = status is 301 or 307
            || error.Code is "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "400";
        return service.Name == "s3" && isRedirect && error.Region is { } region && region != askedRegion
            && parameters.ValueKind is JsonValueKind.Object && parameters.TryGetProperty("Bucket", out _)
            && EndpointTable.IsRegionName(region) && endpoints.PartitionOf(region) == endpoints.PartitionOf(askedRegion)
                ? region
                : null;
    }

    private static bool AsksForEncoding(Operation operation, JsonElement parameters) =>
        _encodedListings.Contains(operation.Name)
        && !(parameters.ValueKind is JsonValueKind.Object && parameters.TryGetProperty("EncodingType", out _));

    private static bool FitsHostName(string bucket) =>
        bucket.Length is >= 3 and <= 63 && bucket[0] != '-' && bucket[^1] != '-'
        && bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static JsonElement Change(JsonElement value, Action<JsonObject> change)
    {
        var copy = value.ValueKind is JsonValueKind.Object ? JsonObject.Create(value)! : [];
        change(copy);
        return JsonSerializer.SerializeToElement(copy);
    }

    private static void DecodeListing(JsonObject listing)
    {
        Decode(listing);
        foreach (var item in _encodedLists.SelectMany(l => listing[l] as JsonArray ?? []))
        {
            Decode((JsonObject)item!);
        }
    }

    private static void Decode(JsonObject item)
    {
        foreach (var name in item.Select(p => p.Key).Where(_encodedMembers.Contains).ToList())
        {
            if (item[name] is JsonValue value && value.TryGetValue<string>(out var text))
            {
                item[name] = Uri.UnescapeDataString(text.Replace('+', ' '));
            }
        }
    }

    private static JsonNode? ParseTemplate(string template)
    {
        try
        {
            return template.AsSpan().TrimStart().StartsWith("{") ? JsonNode.Parse(template) : template;
        }
        catch (JsonException)
        {
            return template;
        }
    }
}
