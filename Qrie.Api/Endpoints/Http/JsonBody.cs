using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Http;

/// <summary>A JSON body. One that is absent, malformed or of the wrong types is a 400 that names the field.</summary>
internal sealed class JsonBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private JsonBody(T value) => Value = value;

    public T Value { get; }

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, ApiJson.Options, context.RequestAborted);
            return new JsonBody<T>(value ?? throw InvalidInputException.Of("body", "The body must be a JSON object, not null."));
        }
        catch (JsonException e)
        {
            throw Explain(e);
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        // Any content type is taken: the older service did, and curl -d sends a form's. Whether it is JSON is seen by reading it.
        builder.Metadata.Add(new AcceptsMetadata(["application/json", "*/*"], typeof(T)));

    private static InvalidInputException Explain(JsonException e)
    {
        var path = e.Path is { Length: > 2 } p && p.StartsWith("$.", StringComparison.Ordinal) ? p[2..] : null;
        return path is null
            ? InvalidInputException.Of("body", "The body must be a JSON object; it is absent or not JSON.")
            : InvalidInputException.Of(path.Split('.', '[')[0], $"{path} has a value of the wrong kind.");
    }
}
