namespace Qrie.Benchmarks.Processes;

/// <summary>Plain requests to the emulator, which checks no signatures: the header only tells it which service is meant.</summary>
internal sealed class EmulatorClient(Uri emulator) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = emulator };

    /// <exception cref="InvalidOperationException">The emulator refused.</exception>
    public async Task<string> SendAsync(string service, HttpMethod method, string path, HttpContent? content, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0");
        using var answer = await _http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"The emulator refused {service} {method} {path}: {text}");
    }

    public void Dispose() => _http.Dispose();
}
