using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api;

/// <summary>Reads all pages of an operation by its service model.</summary>
public static class Paginator
{
    /// <summary>The code of the error that ends a stream whose next page would be the one just read.</summary>
    public const string RepeatedToken = "RepeatedNextToken";

    /// <summary>
    /// The pages, in order; one for an operation without pages. A page that failed is the last item of the stream, so whoever reads it to its end without
    /// meeting an error has read everything.
    /// </summary>
    public static async IAsyncEnumerable<AwsResult> PagesAsync(
        this IAwsApi api, AwsCall call, ModelCatalog models, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var pagination = models.FindOperation(call.Service, call.Operation)?.Pagination;
        var parameters = call.Parameters.ValueKind is JsonValueKind.Object ? JsonObject.Create(call.Parameters)! : [];
        string? previous = null;
        while (true)
        {
            var answer = await api.CallAsync(call, cancel);
            var tokens = answer.Error is null && pagination is not null ? NextTokens(answer.Content, pagination) : null;
            if (tokens is null)
            {
                yield return answer;
                yield break;
            }

            var next = tokens.ToJsonString();
            yield return answer;
            if (next == previous)
            {
                var message = $"{call} answered the same token twice; the list cannot be read to its end.";
                yield return AwsResult.Failure(
                    new AwsError(AwsErrorKind.Other, RepeatedToken, message, call.Service, call.Operation, answer.RequestId), answer.SentAt);
                yield break;
            }

            previous = next;
            foreach (var token in pagination!.InputTokens)
            {
                parameters.Remove(token);
            }

            foreach (var (name, token) in tokens)
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

    /// <summary>The parameters that ask for the next page; null: this was the last one.</summary>
    internal static JsonObject? NextTokens(JsonElement page, Pagination pagination)
    {
        if (pagination.MoreResults is { } more && ModelPath.Find(page, more) is not { ValueKind: JsonValueKind.True })
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

    private static bool IsEmpty(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.String => token.ValueEquals(""),
        JsonValueKind.Object => !token.EnumerateObject().Any(),
        JsonValueKind.Array => token.GetArrayLength() == 0,
        _ => false,
    };
}
