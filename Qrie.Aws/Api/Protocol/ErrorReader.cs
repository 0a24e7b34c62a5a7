using System.Globalization;
using System.Text.Json;
using System.Xml;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>An error response.</summary>
/// <param name="Code">The code; the HTTP status if there is none.</param>
/// <param name="Message">AWS's message, or a generic one.</param>
/// <param name="RequestId">Null if not sent.</param>
/// <param name="Region">The region of the bucket as sent by S3; null if not sent.</param>
/// <param name="HasCode">True if the response has a code; false for the page of a proxy, or without a body.</param>
internal sealed record WireError(string Code, string Message, string? RequestId, string? Region, bool HasCode);

/// <summary>Reads the errors of all protocols.</summary>
internal static class ErrorReader
{
    public static WireError Read(ServiceModel service, ArraySegment<byte> body, int status, IResponseHeaders headers)
    {
        var found = new Found { RequestId = RequestIdOf(headers), Region = headers.Find("x-amz-bucket-region") };
        try
        {
            if (service.IsJson)
            {
                ReadJson(found, body, headers);
            }
            else if (body.Count > 0)
            {
                ReadXml(found, body);
            }
        }
        catch (Exception e) when (e is JsonException or XmlException)
        {
            // The page of a proxy or load balancer: only the status is usable.
        }

        var code = found.Code ?? status.ToString(CultureInfo.InvariantCulture);
        return new WireError(
            code, found.Message ?? $"HTTP status {status.ToString(CultureInfo.InvariantCulture)} without a message", found.RequestId, found.Region,
            HasCode: found.Code is not null);
    }

    /// <summary>The code in an error document; null if it is not one.</summary>
    public static string? FindXmlCode(ArraySegment<byte> body)
    {
        var found = new Found();
        try
        {
            ReadXml(found, body);
        }
        catch (XmlException)
        {
            // The part that could be read is sufficient.
        }

        return found.Code;
    }

    public static string? RequestIdOf(IResponseHeaders headers) => headers.Find("x-amzn-RequestId") ?? headers.Find("x-amz-request-id");

    private static void ReadJson(Found found, ArraySegment<byte> body, IResponseHeaders headers)
    {
        found.Code = headers.Find("x-amzn-errortype");
        if (body.Count > 0 && JsonElement.Parse(body) is { ValueKind: JsonValueKind.Object } root)
        {
            foreach (var property in root.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "__type" or "code" or "Code":
                        found.Code ??= property.Value.ToString();
                        break;
                    case "message" or "Message" or "errorMessage":
                        found.Message ??= property.Value.ToString();
                        break;
                }
            }
        }

        found.Code = Strip(found.Code);

        // Services that migrated from the query protocol still send their old code, which is the documented one.
        if (headers.Find("x-amzn-query-error") is { } old)
        {
            found.Code = old.Split(';')[0];
        }
    }

    /// <summary>Removes namespace and address: <c>com.amazonaws.sqs#QueueDoesNotExist:http://…</c>.</summary>
    private static string? Strip(string? code)
    {
        if (code is null)
        {
            return null;
        }

        var colon = code.IndexOf(':', StringComparison.Ordinal);
        code = colon < 0 ? code : code[..colon];
        return code[(code.LastIndexOf('#') + 1)..] is { Length: > 0 } name ? name : null;
    }

    private static void ReadXml(Found found, ArraySegment<byte> body)
    {
        using var reader = XmlResponseReader.Open(body);
        while (!reader.EOF)
        {
            if (reader.NodeType is not XmlNodeType.Element)
            {
                reader.Read();
                continue;
            }

            switch (reader.LocalName)
            {
                case "Code" when found.Code is null:
                    found.Code = reader.ReadElementContentAsString();
                    break;
                case "Message" or "message" when found.Message is null:
                    found.Message = reader.ReadElementContentAsString();
                    break;
                case "Region" when found.Region is null:
                    found.Region = reader.ReadElementContentAsString();
                    break;
                case "RequestId" or "RequestID":
                    found.RequestId = reader.ReadElementContentAsString();
                    break;
                default:
                    reader.Read();
                    break;
            }
        }
    }

    private sealed class Found
    {
        public string? Code { get; set; }

        public string? Message { get; set; }

        public string? RequestId { get; set; }

        public string? Region { get; set; }
    }
}
