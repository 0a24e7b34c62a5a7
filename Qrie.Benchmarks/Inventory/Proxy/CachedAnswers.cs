using System.Collections.Concurrent;

namespace Qrie.Benchmarks.Inventory.Proxy;

/// <summary>
/// The emulator's answers, each asked for once. Answers that may change are not kept: errors of the emulator itself (5xx, among them 501 for what it lacks) and
/// credential reports that are not finished.
/// </summary>
internal sealed class CachedAnswers(Uri upstream, Impersonation accounts) : IDisposable
{
    private const string PolicyStatus = "?policyStatus";

    private readonly HttpClient _emulator = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromMinutes(5) };
    private readonly ConcurrentDictionary<string, Lazy<Task<ProxiedAnswer>>> _answers = new(StringComparer.Ordinal);
    private long _requests;
    private long _forwarded;
    private int _inFlight;
    private int _peak;

    /// <summary>The time from a request to its answer.</summary>
    public TimeSpan Latency { get; private set; }

    public ProxyCounts Counts => new(Interlocked.Read(ref _requests), Interlocked.Read(ref _forwarded), _peak);

    public void Reset(TimeSpan latency)
    {
        Latency = latency;
        _requests = _forwarded = _peak = 0;
    }

    public void Dispose() => _emulator.Dispose();

    public async Task<ProxiedAnswer> AnswerAsync(ProxiedRequest request, CancellationToken cancel)
    {
        Interlocked.Increment(ref _requests);
        var now = Interlocked.Increment(ref _inFlight);
        if (now > _peak)
        {
            _peak = now;
        }

        try
        {
            if (Impersonation.FindSession(request) is { } session)
            {
                return session;
            }

            var account = accounts.AccountOf(request);
            return accounts.ToCaller(await FindAsync(accounts.ToRecorded(request, account), cancel), account);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task<ProxiedAnswer> FindAsync(ProxiedRequest request, CancellationToken cancel)
    {
        var key = request.Key;
        var answer = await _answers.GetOrAdd(key, _ => new Lazy<Task<ProxiedAnswer>>(() => ForwardAsync(request))).Value.WaitAsync(cancel);
        if (!IsKept(answer))
        {
            _answers.TryRemove(key, out _);
        }

        return answer;
    }

    private static bool IsKept(ProxiedAnswer answer) =>
        answer.Status < 500
        && (answer.Body.AsSpan().IndexOf("<GenerateCredentialReportResult>"u8) < 0 || answer.Body.AsSpan().IndexOf("COMPLETE"u8) >= 0);

    /// <summary>What the emulator does not have makes it fail; AWS has it, and would not be asked again and again.</summary>
    private static ProxiedAnswer Lacking(ProxiedRequest request) => request.Headers.Any(h => h.Name.Equals("X-Amz-Target", StringComparison.OrdinalIgnoreCase))
        ? new ProxiedAnswer(400, [("Content-Type", "application/x-amz-json-1.1")], """{"__type":"UnsupportedOperation","message":"not emulated"}"""u8.ToArray())
        : new ProxiedAnswer(
            400, [("Content-Type", "text/xml")],
            "<Response><Errors><Error><Code>UnsupportedOperation</Code><Message>not emulated</Message></Error></Errors></Response>"u8.ToArray());

    /// <summary>
    /// For all callers, so without the token of one of them. Whether a bucket's policy is public, which the emulator takes for a request to list the bucket, is
    /// answered as S3 does: with the error of the policy if there is none.
    /// </summary>
    private async Task<ProxiedAnswer> ForwardAsync(ProxiedRequest request)
    {
        if (request.Method == "GET" && request.Target.EndsWith(PolicyStatus, StringComparison.Ordinal))
        {
            var policy = await ForwardAsync(request with { Target = request.Target[..^"Status".Length] });
            return policy.Status != 200 ? policy : policy with
            {
                Headers = [("Content-Type", "application/xml")],
                Body = "<PolicyStatus><IsPublic>FALSE</IsPublic></PolicyStatus>"u8.ToArray(),
            };
        }

        Interlocked.Increment(ref _forwarded);
        var asSent = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var address = new Uri(upstream.GetLeftPart(UriPartial.Authority) + request.Target, asSent);
        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), address);
        if (request.Body.Length > 0 || request.Method is "POST" or "PUT")
        {
            forwarded.Content = new ByteArrayContent(request.Body);
        }

        foreach (var (name, value) in request.Headers)
        {
            if (!forwarded.Headers.TryAddWithoutValidation(name, value))
            {
                forwarded.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _emulator.SendAsync(forwarded);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(h => h.Key is not ("Transfer-Encoding" or "Connection" or "Content-Length" or "Keep-Alive"))
            .Select(h => (h.Key, string.Join(',', h.Value)));
        var body = await answer.Content.ReadAsByteArrayAsync();
        return body.AsSpan().StartsWith("<!doctype html"u8) ? Lacking(request) : new ProxiedAnswer((int)answer.StatusCode, [.. headers], body);
    }
}

/// <summary>Since the last reset.</summary>
/// <param name="Requests">Answered requests.</param>
/// <param name="Forwarded">Those for which the emulator was asked.</param>
/// <param name="PeakInFlight">The most requests at once, without the delay.</param>
internal sealed record ProxyCounts(long Requests, long Forwarded, int PeakInFlight);
