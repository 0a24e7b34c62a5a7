using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Qrie.Api.Exports;

namespace Qrie.Api.Endpoints.Http;

internal static class EndpointConventions
{
    /// <summary>Documents a list that is returned as JSON or CSV.</summary>
    public static RouteHandlerBuilder ProducesList<TPage>(this RouteHandlerBuilder builder) => builder
        .Produces<TPage>(200, "application/json", "text/csv")
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?["200"] is { Content: { } content })
            {
                content["text/csv"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Description = "Everything that the filter matches, in the list's order (Accept: text/csv).",
                    },
                };
            }

            return Task.CompletedTask;
        });

    /// <summary>Documents a list that is returned as a page of JSON or as an export in one of the formats.</summary>
    public static RouteHandlerBuilder ProducesExports<TPage>(this RouteHandlerBuilder builder) => builder
        .Produces<TPage>(200, "application/json", [.. ExportFormats.All.Select(f => f.MediaType.Split(';')[0]).Distinct().Where(t => t != "application/json")])
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var (type, content) in operation.Responses?["200"].Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                if (type != "application/json")
                {
                    content.Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Description = $"Everything that the filter matches: format={string.Join(" or ", NamesOf(type))} (docs/outputs.md).",
                    };
                }
            }

            return Task.CompletedTask;
        });

    private static IEnumerable<string> NamesOf(string mediaType) => ExportFormats.All.Where(f => f.MediaType.Split(';')[0] == mediaType).Select(f => f.Name);

    /// <summary>Documents a successful response by an example.</summary>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder builder, string json) => builder
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var response in operation.Responses?.Where(r => r.Key.StartsWith('2')) ?? [])
            {
                if (response.Value.Content is { } media && media.TryGetValue("application/json", out var content))
                {
                    content.Example = JsonNode.Parse(json);
                }
            }

            return Task.CompletedTask;
        });

    /// <summary>Documents the body of a request by an example.</summary>
    public static RouteHandlerBuilder WithRequestExample(this RouteHandlerBuilder builder, string json) => builder
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.RequestBody?.Content is { } media && media.TryGetValue("application/json", out var content))
            {
                content.Example = JsonNode.Parse(json);
            }

            return Task.CompletedTask;
        });

    /// <summary>Documents the error responses of an endpoint.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            builder.Produces<Problem>(status, "application/problem+json");
        }

        return builder;
    }
}
