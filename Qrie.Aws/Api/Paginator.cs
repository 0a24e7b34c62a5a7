using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api;

/// <summary>Reads all pages of an operation by its service model.</summary>
public static class Paginator
{
    /// <summary>The error code if the next page would be one that was already read.</summary>
    public const string RepeatedToken = "RepeatedNextToken";

    /// <summary>The error code if a response says that there are more pages, but has no token.</summary>
    public const string MissingToken = "MissingNextToken";

    /// <summary>The error code after <see cref="MaxPages"/> pages.</summary>
    public const string TooManyPages = "TooManyPages";

    /// <summary>The maximum number of pages: ten million rows with the usual page size. It keeps a faulty server from occupying a unit forever.</summary>
    internal const int MaxPages = 20_000;

    /// <summary>
    /// The pages, in order; one for an operation that is not paged. A failed page is the last item, so a caller who reads all items without an error has read
    /// everything.
    /// </summary>
    public static async IAsyncEnumerable<AwsResult> PagesAsync(
        this IAwsApi api, AwsCall call, ModelCatalog models, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var pagination = models.FindOperation(call.Service, call.Operation)?.Pagination;
        var parameters = call.Parameters.ValueKind is JsonValueKind.Object ? JsonObject.Create(call.Parameters)! : [];
        var seen = new HashSet<Guid>();
        while (true)
        {
            var response = await api.CallAsync(call, cancel);
            yield return response;
            if (response.Error is not null || pagination is null || !SaysMore(response.Content, pagination))
            {
                yield break;
            }

            var tokens = NextTokens(response.Content, pagination);
            if (tokens is null && pagination.MoreResults is null)
            {
                yield break;
            }

            var problem = tokens is null ? (MissingToken, "says that there is more, but sends no token")
                : !seen.Add(HashOf(tokens)) ? (RepeatedToken, "sent a token twice")
                : seen.Count >= MaxPages ? (TooManyPages, $"has more than {MaxPages} pages")
                : default((string Code, string Why)?);
            if (problem is { } end)
            {
                var message = $"{call} {end.Why}; the list cannot be read completely.";
                yield return AwsResult.Failure(
                    new AwsError(AwsErrorKind.Unavailable, end.Code, message, call.Service, call.Operation, response.RequestId), response.SentAt);
                yield break;
            }

            foreach (var token in pagination.InputTokens)
            {
                parameters.Remove(token);
            }

            foreach (var (name, token) in tokens!)
            {
                parameters[name] = token?.DeepClone();
            }

            call = call with { Parameters = JsonSerializer.SerializeToElement(parameters) };
        }
    }

    /// <summary>Whether another page follows this one.</summary>
    public static bool HasMore(AwsResult page, AwsCall call, ModelCatalog models) =>
        page.Error is null && models.FindOperation(call.Service, call.Operation)?.Pagination is { } pagination
        && NextTokens(page.Content, pagination) is not null;

    /// <summary>The parameters for the next page; null if this was the last one.</summary>
    internal static JsonObject? NextTokens(JsonElement page, Pagination pagination)
    {
        if (!SaysMore(page, pagination))
        {
            return null;
        }

        JsonObject? tokens = null;
        foreach (var (input, output) in pagination.InputTokens.Zip(pagination.OutputTokens))
        {
            if (ModelPath.Find(page, output) is { } token && !IsEmpty(token))
            {
                tokens ??= [];
                tokens[input] = JsonNode.Parse(token.GetRawText());
            }
        }

        return tokens;
    }

    /// <summary>Hashed, because tokens may be kilobytes long, and numerous.</summary>
    private static Guid HashOf(JsonObject tokens) => new(SHA256.HashData(Encoding.UTF8.GetBytes(tokens.ToJsonString())).AsSpan(0, 16));

    private static bool SaysMore(JsonElement page, Pagination pagination) =>
        pagination.MoreResults is not { } more || ModelPath.Find(page, more) is { ValueKind: JsonValueKind.True };

    private static bool IsEmpty(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.String => token.ValueEquals(""),
        JsonValueKind.Object => !token.EnumerateObject().Any(),
        JsonValueKind.Array => token.GetArrayLength() == 0,
        _ => false,
    };
}
