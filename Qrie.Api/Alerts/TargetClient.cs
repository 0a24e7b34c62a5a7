using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Qrie.Api.Hosting;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Alerts;

/// <summary>
/// Sends requests to addresses that users chose, and to nothing else: the name is resolved here and the connection made to the checked address, so that a
/// second resolution cannot return another one. No proxy, no redirects, no cookies, no credentials; of a response, the beginning is read.
/// </summary>
internal sealed class TargetClient : IDisposable
{
    private const int LongestResponse = 4096;
    private const int LongestDetail = 200;
    private const int HeaderKilobytes = 16;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectTimeLimit = TimeSpan.FromSeconds(5);
    private static readonly ProductInfoHeaderValue s_agent = new("Qrie", QrieVersion.Current.Split('+')[0]);

    private readonly AllowedTargets _allowed;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly HttpClient _http;

    public TargetClient(AlertSettings settings)
        : this(settings.AllowPrivateTargets, Dns.GetHostAddressesAsync)
    {
    }

    /// <param name="allowed">Targets that need not be public.</param>
    /// <param name="resolve">Resolves a host name.</param>
    internal TargetClient(AllowedTargets allowed, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        (_allowed, _resolve) = (allowed, resolve);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            PreAuthenticate = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeLimit,
            MaxResponseHeadersLength = HeaderKilobytes,
            MaxConnectionsPerServer = 4,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = TimeLimit,
        };
    }

    /// <summary>Whether the scheme is allowed for a URL: https, or http for hosts that are explicitly allowed.</summary>
    public bool MaySend(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && _allowed.Names(url));

    /// <summary>False if the host is an address, or this machine by name, that nothing may be sent to. Other names are resolved at every attempt.</summary>
    public bool MayReach(Uri url) =>
        _allowed.Has(url.IdnHost)
        || (IPAddress.TryParse(url.IdnHost, out var address) ? PublicAddresses.Has(address) || _allowed.Has(address) : !url.IsLoopback);

    /// <summary>Posts a body. Every answer and failure is a result.</summary>
    public async Task<SendResult> PostAsync(string url, byte[] body, Action<HttpRequestHeaders> headers, CancellationToken cancel)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var target) || !MaySend(target))
        {
            return SendResult.Blocked;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.UserAgent.Add(s_agent);
        headers(request.Headers);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return await ReadAsync(response, cancel);
        }
        catch (HttpRequestException e) when (e.InnerException is BlockedTargetException)
        {
            return SendResult.Blocked;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return SendResult.Unreachable;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<SendResult> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return new SendResult(SendOutcome.Delivered, status);
        }

        if (status is >= 300 and < 400)
        {
            return new SendResult(SendOutcome.Rejected, status, "The target redirects; use the address that it redirects to.");
        }

        var retryAfter = response.Headers.RetryAfter?.Delta;
        return new SendResult(SendOutcome.Rejected, status, await BeginningAsync(response, cancel), retryAfter > TimeSpan.Zero ? retryAfter : null);
    }

    /// <summary>The beginning of a response's text; null if there is none.</summary>
    private static async Task<string?> BeginningAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var buffer = new byte[LongestResponse];
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        var text = Encoding.UTF8.GetString(buffer, 0, read).Trim();
        return text.Length == 0 ? null : SafeText.Clean(text.Length > LongestDetail ? text[..LongestDetail] : text);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        IPAddress[] found = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancel);
        var usable = found.Where(a => PublicAddresses.Has(a) || _allowed.Has(host) || _allowed.Has(a)).ToArray();
        if (usable.Length == 0)
        {
            throw found.Length > 0 ? new BlockedTargetException() : new SocketException((int)SocketError.HostNotFound);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(usable, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>None of the addresses of a host may be used.</summary>
    private sealed class BlockedTargetException : Exception;
}
