using Microsoft.OpenApi;

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
