using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>
/// Checks whether a readable body is a response of the operation. A success without what the operation always sends is no information; in particular, it does
/// not mean that a list is empty.
/// </summary>
internal static class ResponseCheck
{
    /// <exception cref="InvalidResponseException">It is not.</exception>
    public static void Verify(ServiceModel service, Operation operation, JsonElement response, ArraySegment<byte> body, IResponseHeaders headers)
    {
        if (service.IsJson && headers.Find("x-amzn-errortype") is { Length: > 0 } error)
        {
            throw new InvalidResponseException($"The response to {operation} has a success status and the error {error}.");
        }

        if (service.IsJson && operation.Output is { Payload: null, HasBodyMembers: true } output && !HasBody(output, response)
            && FindUnknown(body) is { } unknown)
        {
            throw new InvalidResponseException($"The response to {operation} has no member of the service model, but '{unknown}'.");
        }

        var missing = operation.Response.Always.Where(member => !Has(response, member)).Select(member => member.Name).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidResponseException($"The response to {operation} lacks {string.Join(", ", missing)}, which is sent even when it is empty.");
        }

        if (operation.Response.OneOf is { Count: > 0 } some && !some.Any(member => Has(response, member)))
        {
            throw new InvalidResponseException($"The response to {operation} has none of {string.Join(", ", some.Select(member => member.Name))}.");
        }
    }

    private static bool HasBody(Shape output, JsonElement response) =>
        output.Members.Any(member => member.Location is MemberLocation.Body && Has(response, member));

    private static bool Has(JsonElement response, ShapeMember member) => response.TryGetProperty(member.Name, out _);

    /// <summary>A member that is neither null nor metadata (<c>_links</c>, <c>__type</c> of a result); null if there is none.</summary>
    private static string? FindUnknown(ArraySegment<byte> body)
    {
        foreach (var property in JsonElement.Parse(body).EnumerateObject())
        {
            var isErrorType = property.Name == "__type" && IsErrorName(property.Value.ToString());
            if (property.Value.ValueKind is not JsonValueKind.Null && (isErrorType || property.Name is not ['_' or '$', ..]))
            {
                return property.Name;
            }
        }

        return null;
    }

    private static bool IsErrorName(string type) =>
        type.EndsWith("Exception", StringComparison.Ordinal)
        || type.EndsWith("Error", StringComparison.Ordinal)
        || type.EndsWith("Fault", StringComparison.Ordinal);
}
