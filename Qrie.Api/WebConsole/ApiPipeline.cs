namespace Qrie.Api.WebConsole;

/// <summary>The way of every request, for requests that come from this process itself.</summary>
internal sealed class ApiPipeline
{
    private RequestDelegate? _pipeline;

    public RequestDelegate Run => _pipeline ?? throw new InvalidOperationException("The pipeline is not built yet.");

    /// <summary>To be used where requests of this process join the others.</summary>
    public RequestDelegate Begin(RequestDelegate next) => _pipeline = next;
}
