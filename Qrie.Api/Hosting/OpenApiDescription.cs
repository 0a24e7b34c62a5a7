using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Hosting;

/// <summary>Adds the title, the API keys and the role of each route to the OpenAPI document.</summary>
internal static class OpenApiDescription
{
    private const string Bearer = "bearer";
    private const string Header = "x-api-key";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Qrie", Version = QrieVersion.Current, Description = "Every route is served below /api as well." };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key, qrie_…" },
                [Header] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.ApiKey,
                    In = ParameterLocation.Header,
                    Name = ApiKeyHandler.KeyHeader,
                    Description = "An API key, qrie_…",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.RequestBody?.Content?.Remove("*/*"); // accepted, but documented as JSON only
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<NeededRole>().LastOrDefault() is { } needed && !metadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security =
                [
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Header, context.Document)] = [] },
                ];
                var role = needed.Installation ? "Needs an admin of the organization default." : $"Needs the role {ApiEnumNames.Of(needed.Role)}.";
                operation.Description = operation.Description is { Length: > 0 } text ? $"{text} {role}" : role;
            }

            return Task.CompletedTask;
        });
    }
}
