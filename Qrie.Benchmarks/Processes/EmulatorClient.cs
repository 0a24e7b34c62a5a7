namespace Qrie.Benchmarks.Processes;

/// <summary>Sends plain requests to the emulator, which does not verify signatures; the header only selects the service.</summary>
internal sealed class EmulatorClient(Uri emulator) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = emulator };

    /// <exception cref="InvalidOperationException">The emulator returned an error.</exception>
    public async Task<string> SendAsync(
        string service, HttpMethod method, string path, HttpContent? content, CancellationToken cancel, string region = "us-east-1", string? target = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0");
        if (target is not null)
        {
            request.Headers.Add("X-Amz-Target", target);
        }

        using var answer = await _http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"The emulator rejected {service} {method} {path}: {text}");
    }

    public void Dispose() => _http.Dispose();
}
