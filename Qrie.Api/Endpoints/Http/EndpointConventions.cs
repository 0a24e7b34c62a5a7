namespace Qrie.Api.Endpoints.Http;

internal static class EndpointConventions
{
    /// <summary>Documents the error answers of an endpoint.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            builder.Produces<Problem>(status, "application/problem+json");
        }

        return builder;
    }
}
