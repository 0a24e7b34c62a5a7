using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Http;

/// <summary>A JSON body. A missing or malformed body, or one with wrong types, is a 400 that names the field.</summary>
internal sealed class JsonBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private JsonBody(T value) => Value = value;

    public T Value { get; }

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter) => new(await JsonBody.ReadAsync<T>(context));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => JsonBody.Describe(typeof(T), builder, isOptional: false);
}

/// <summary>An optional JSON body.</summary>
internal sealed class OptionalJsonBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private OptionalJsonBody(T? value) => Value = value;

    /// <summary>Null if there is none.</summary>
    public T? Value { get; }

    public static async ValueTask<OptionalJsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var begun = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
        var isEmpty = begun is { IsCompleted: true, Buffer.IsEmpty: true };
        context.Request.BodyReader.AdvanceTo(begun.Buffer.Start); // no body was sent
        return new OptionalJsonBody<T>(isEmpty ? null : await JsonBody.ReadAsync<T>(context));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => JsonBody.Describe(typeof(T), builder, isOptional: true);
}

/// <summary>The common part of both.</summary>
internal static class JsonBody
{
    /// <summary>The maximum size of a body with at most one resource or policy.</summary>
    public const int Small = 1024 * 1024;

    public static async ValueTask<T> ReadAsync<T>(HttpContext context)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(context.Request.BodyReader, ApiJson.Options, context.RequestAborted)
                ?? throw InvalidInputException.Of("body", "The body must be a JSON object, not null.");
        }
        catch (JsonException e)
        {
            throw Explain(e);
        }
    }

    public static void Describe(Type type, EndpointBuilder builder, bool isOptional) =>
        // Any content type is accepted: the older service did, and curl -d sends that of a form.
        builder.Metadata.Add(new AcceptsMetadata(["application/json", "*/*"], type, isOptional));

    private static InvalidInputException Explain(JsonException e)
    {
        var path = e.Path is { Length: > 2 } p && p.StartsWith("$.", StringComparison.Ordinal) ? p[2..] : null;
        return path is null
            ? InvalidInputException.Of("body", "The body must be a JSON object; it is absent or not JSON.")
            : InvalidInputException.Of(path.Split('.', '[')[0], $"{path} has the wrong type.");
    }
}
