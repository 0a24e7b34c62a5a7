using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Qrie.Api.Access;
using Qrie.Api.Hosting;
using Qrie.Ui.Api;

namespace Qrie.Api.WebConsole;

/// <summary>
/// The console's requests: they go through the same pipeline as those from outside, with the key that the viewer signed in with, so that one that was revoked
/// is refused from that moment, and with their address, by which limits count and which the audit shows.
/// </summary>
internal sealed class InProcessApi(ApiPipeline pipeline, IServiceScopeFactory scopes, AuthenticationStateProvider viewer) : IQrieApi
{
    public async Task<ApiResponse> SendAsync(HttpMethod method, string path, ApiContent? content, string accept, CancellationToken cancel)
    {
        var user = (await viewer.GetAuthenticationStateAsync()).User;
        await using var scope = Begin();
        using var body = new MemoryStream();
        var question = path.IndexOf('?', StringComparison.Ordinal);
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancel };
        context.Connection.RemoteIpAddress = IPAddress.TryParse(user.FindFirstValue(ConsoleAccess.AddressClaim), out var address) ? address : null;
        var request = context.Request;
        (request.Method, request.Scheme, request.Host, request.Protocol) = (method.Method, "http", new HostString("localhost"), "HTTP/2");
        // As Kestrel does it: escaped slashes stay escaped.
        request.Path = PathString.FromUriComponent(question < 0 ? path : path[..question]);
        request.QueryString = question < 0 ? QueryString.Empty : new QueryString(path[question..]);
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = path;
        request.Headers.Accept = accept;
        if (user.FindFirstValue(ConsoleAccess.KeyClaim) is { } key)
        {
            request.Headers[ApiKeyHandler.KeyHeader] = key;
        }

        if (user.FindFirstValue(ConsoleAccess.SessionClaim) is { } session)
        {
            context.Features.Set(new ConsoleSession(session));
        }

        if (content is not null)
        {
            request.Body = new MemoryStream(content.Bytes.ToArray(), writable: false);
            (request.ContentLength, request.ContentType) = (content.Bytes.Length, content.Type);
        }

        context.Response.Body = body;
        await pipeline.Run(context);
        cancel.ThrowIfCancellationRequested(); // what was answered meanwhile is of no interest
        await context.Response.CompleteAsync();
        return new ApiResponse(context.Response.StatusCode, body.ToArray(), RequestIds.Of(context));
    }

    /// <exception cref="OperationCanceledException">The service has stopped: pages that are still open ask once more.</exception>
    private AsyncServiceScope Begin()
    {
        try
        {
            return scopes.CreateAsyncScope();
        }
        catch (ObjectDisposedException e)
        {
            throw new OperationCanceledException("The service has stopped.", e);
        }
    }
}
