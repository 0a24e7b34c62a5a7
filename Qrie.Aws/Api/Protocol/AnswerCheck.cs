using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>
/// Whether something that could be read is an answer at all. A success that lacks what the operation always sends says nothing, least of all that nothing
/// is there.
/// </summary>
internal static class AnswerCheck
{
    /// <exception cref="InvalidResponseException">It is none.</exception>
    public static void Verify(ServiceModel service, Operation operation, JsonElement answer, ArraySegment<byte> body, IResponseHeaders headers)
    {
        if (service.IsJson && headers.Find("x-amzn-errortype") is { Length: > 0 } error)
        {
            throw new InvalidResponseException($"The answer to {operation} is a success and names the error {error}.");
        }

        if (service.IsJson && operation.Output is { Payload: null, HasBodyMembers: true } output && !HasBody(output, answer)
            && FindStranger(body) is { } stranger)
        {
            throw new InvalidResponseException($"The answer to {operation} has no member that the service model knows; it has '{stranger}'.");
        }

        var missing = operation.Answer.Always.Where(member => !Has(answer, member)).Select(member => member.Name).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidResponseException($"The answer to {operation} lacks {string.Join(", ", missing)}, which is sent even when it is empty.");
        }

        if (operation.Answer.OneOf is { Count: > 0 } some && !some.Any(member => Has(answer, member)))
        {
            throw new InvalidResponseException($"The answer to {operation} has none of {string.Join(", ", some.Select(member => member.Name))}.");
        }
    }

    private static bool HasBody(Shape output, JsonElement answer) =>
        output.Members.Any(member => member.Location is MemberLocation.Body && Has(answer, member));

    private static bool Has(JsonElement answer, ShapeMember member) => answer.TryGetProperty(member.Name, out _);

    /// <summary>A member that is not null and no metadata (<c>_links</c>, <c>__type</c> of a result); null: there is none.</summary>
    private static string? FindStranger(ArraySegment<byte> body)
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
