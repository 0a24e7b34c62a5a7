using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Amazon.Runtime.Internal;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;

namespace Qrie.Aws.Api;

/// <summary>Behaviour of services that the models do not describe. boto3 and the AWS CLI do the same.</summary>
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

    /// <summary>The parameters to send.</summary>
    public static JsonElement PrepareParameters(ServiceModel service, Operation operation, JsonElement parameters) => service.Name switch
    {
        // The API returns ids as /hostedzone/Z1 and expects them as Z1.
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

        // "-" means the account of the credentials.
        "glacier" when operation.Input?.FindMember("accountId") is not null => Change(parameters, p => p.TryAdd("accountId", "-")),

        // Object keys may contain characters that XML does not allow.
        "s3" when AsksForEncoding(operation, parameters) => Change(parameters, p => p["EncodingType"] = "url"),
        _ => parameters,
    };

    /// <summary>The response in its usual form. The parameters are those of the caller, before <see cref="PrepareParameters"/>.</summary>
    public static JsonElement FinishResponse(ServiceModel service, Operation operation, JsonElement parameters, JsonElement response)
    {
        if (service.Name == "s3" && AsksForEncoding(operation, parameters)
            && response.TryGetProperty("EncodingType", out var encoding) && encoding.ValueEquals("url"))
        {
            return Change(response, DecodeListing);
        }

        if (service.Name == "cloudformation" && operation.Name == "GetTemplate"
            && response.TryGetProperty("TemplateBody", out var template) && template.ValueKind is JsonValueKind.String)
        {
            return Change(response, a => a["TemplateBody"] = ParseTemplate(template.GetString()!));
        }

        return response;
    }

    /// <summary>Moves a bucket from the path to the host name, as S3 requires; names with dots stay, because they would not match the certificate.</summary>
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

    /// <summary>The response to GetBucketLocation is the text of its root element, which models cannot express.</summary>
    public static bool ReadsBodyItself(ServiceModel service, Operation operation) => service.Name == "s3" && operation.Name == "GetBucketLocation";

    /// <summary>Reads the responses of <see cref="ReadsBodyItself"/>; an empty location is us-east-1, returned as null.</summary>
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

    /// <summary>The response to GetBucketPolicy is the document itself, which is JSON; other text is not a response of S3.</summary>
    /// <exception cref="JsonException">It is not.</exception>
    public static void CheckText(ServiceModel service, Operation operation, ArraySegment<byte> body)
    {
        if (service.Name == "s3" && operation.Name == "GetBucketPolicy" && JsonElement.Parse(body).ValueKind is not JsonValueKind.Object)
        {
            throw new JsonException("a bucket policy is a JSON object");
        }
    }

    /// <summary>
    /// The region in which the same request for the same bucket succeeds; null if the response has none, or none that can be trusted. Only the region's name is
    /// taken from the response, never an address: the endpoint is determined for it as for any other region of the partition.
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
