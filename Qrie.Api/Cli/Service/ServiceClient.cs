using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Cli.Service;

/// <summary>A client of a running Qrie's REST API.</summary>
internal sealed class ServiceClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _hasKey;

    /// <param name="url">The base address; its path is kept.</param>
    /// <param name="apiKey">Null to send none.</param>
    public ServiceClient(Uri url, string? apiKey)
    {
        Url = new Uri(url.AbsoluteUri.TrimEnd('/') + "/");
        _hasKey = apiKey is not null;
        // A key must not follow a redirect to another host.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = Url,
            Timeout = TimeSpan.FromSeconds(100),
        };
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    public Uri Url { get; }

    /// <exception cref="ServiceRefusedException">The service refused.</exception>
    /// <exception cref="ServiceUnreachableException">There is no response, or it is not Qrie's.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    /// <inheritdoc cref="GetAsync"/>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        var answer = await AskAsync(method, path, body, cancel);
        return answer.Status is >= 200 and < 300 ? answer.Body : throw ServiceRefusedException.Of(answer, _hasKey);
    }

    /// <summary>The response, whatever its status.</summary>
    /// <exception cref="ServiceUnreachableException">There is no response, or it is not Qrie's.</exception>
    public async Task<ServiceResponse> AskAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path.TrimStart('/'));
            if (body is not null)
            {
                request.Content = new StringContent(JsonSerializer.Serialize(body, ApiJson.Options), Encoding.UTF8, MediaTypeNames.Application.Json);
            }

            using var response = await _http.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            return new ServiceResponse((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
        }
        catch (HttpRequestException e)
        {
            throw new ServiceUnreachableException(
                $"No Qrie responds at {Url}: {e.GetBaseException().Message}. Start it, or give the right address with --url.", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new ServiceUnreachableException(
                $"{Url} did not respond within {_http.Timeout.TotalSeconds:0} s. See its log, or give another address with --url.", e);
        }
        catch (JsonException e)
        {
            throw new ServiceUnreachableException($"{Url} is not a Qrie: its response is not JSON. Give the right address with --url.", e);
        }
    }

    /// <summary>The same request as a command to copy, without the key.</summary>
    public string Curl(HttpMethod method, string path, object? body = null)
    {
        var text = new StringBuilder("curl");
        if (method != HttpMethod.Get && !(method == HttpMethod.Post && body is not null))
        {
            text.Append(" -X ").Append(method.Method);
        }

        text.Append(" '").Append(new Uri(Url, path.TrimStart('/')).AbsoluteUri).Append('\'');
        if (_hasKey)
        {
            text.Append(" -H \"Authorization: Bearer $QRIE_API_KEY\"");
        }

        if (body is not null)
        {
            text.Append(" -H 'Content-Type: application/json' -d '")
                .Append(JsonSerializer.Serialize(body, ApiJson.Options).Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }

        return text.ToString();
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A response of a running Qrie.</summary>
internal readonly record struct ServiceResponse(int Status, JsonElement Body);
