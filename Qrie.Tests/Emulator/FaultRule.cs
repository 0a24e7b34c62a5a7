using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Qrie.Aws.Api.Models;

namespace Qrie.Tests.Emulator;

/// <summary>
/// A rule of a <see cref="FaultProxy"/>: conditions, then exactly one action. The first matching rule applies, so special rules must precede general ones.
/// Rules may be added while requests are in progress.
/// </summary>
public sealed class FaultRule
{
    private readonly List<Func<ProxiedRequest, bool>> _conditions = [];
    private readonly Lock _lock = new();
    private int _matches;
    private int _first = 1;
    private int _last = int.MaxValue;
    private double _tokens = double.NaN;
    private long _tokensAt;

    internal FaultRule(string call)
    {
        var parts = call.Split(':', 2);
        if (parts[0] != "*")
        {
            _conditions.Add(r => r.Service == parts[0]);
        }

        if (parts is [_, not "*"])
        {
            _conditions.Add(r => r.Operation == parts[1]);
        }
    }

    /// <summary>The action; null to forward the request unchanged.</summary>
    internal Func<FaultContext, Task>? Fate { get; private set; }

    /// <summary>The number of requests that matched the conditions other than counts.</summary>
    public int Matches => _matches;

    /// <summary>Only requests of this account's role.</summary>
    public FaultRule ForAccount(string accountId) => Where(r => r.AccountId == accountId);

    /// <summary>Only requests signed for this region.</summary>
    public FaultRule ForRegion(string region) => Where(r => r.Region == region);

    /// <summary>Only requests with this text in path, query or body: a bucket's name, an id.</summary>
    public FaultRule About(string text) => Where(r => Uri.UnescapeDataString(r.Path + r.Query).Contains(text, StringComparison.Ordinal)
        || Uri.UnescapeDataString(r.BodyText).Contains(text, StringComparison.Ordinal));

    /// <summary>Only requests for a page after the first, for example to truncate a list.</summary>
    public FaultRule OnLaterPages() => Where(r => r.AsksForLaterPage);

    public FaultRule Where(Func<ProxiedRequest, bool> condition)
    {
        _conditions.Add(condition);
        return this;
    }

    /// <summary>Only the n-th of the matching requests, counted from 1.</summary>
    public FaultRule Nth(int n)
    {
        (_first, _last) = (n, n);
        return this;
    }

    /// <summary>Only the first n of the matching requests.</summary>
    public FaultRule Times(int n)
    {
        _last = n;
        return this;
    }

    /// <summary>All matching requests except the first n.</summary>
    public FaultRule After(int n)
    {
        _first = n + 1;
        return this;
    }

    /// <summary>AccessDenied, in the service's protocol.</summary>
    public void AccessDenied(string message = "You are not authorized to perform this operation.") =>
        Answer(r => FaultResponse.Error(r, FaultResponse.DeniedCode(r), 403, message));

    /// <summary>A throttling error, in the service's protocol.</summary>
    public void Throttle() => Answer(FaultResponse.Throttled);

    /// <summary>
    /// Throttles with a token bucket of <paramref name="size"/> requests, refilled by <paramref name="perSecond"/>; the rest is forwarded.
    /// </summary>
    public void TokenBucket(double size, double perSecond) =>
        Set(c => TakeToken(size, perSecond) ? c.ForwardAsync() : c.AnswerAsync(FaultResponse.Throttled(c.Request)));

    /// <summary>Any error, in the service's protocol.</summary>
    public void Error(string code, int status, string message = "Injected by a test.") => Answer(r => FaultResponse.Error(r, code, status, message));

    /// <summary>A server error like that of a load balancer, without AWS's format.</summary>
    public void ServerError(int status = 500) => Answer(_ => new FaultResponse(status, "text/html", "<html><body>Bad gateway</body></html>"));

    /// <summary>A given response.</summary>
    public void Answer(Func<ProxiedRequest, FaultResponse> answer) => Set(c => c.AnswerAsync(answer(c.Request)));

    /// <summary>Closes the connection before the response.</summary>
    public void Reset() => Set(c => c.ResetAsync());

    /// <summary>Closes the connection in the middle of the emulator's response.</summary>
    public void Truncate() => Set(c => c.TruncateAsync());

    /// <summary>Sends half of the emulator's response, with a matching length.</summary>
    public void CutBody() => Set(c => c.ForwardAsync(body => body[..(body.Length / 2)]));

    /// <summary>Forwards after a delay.</summary>
    public void Delay(TimeSpan delay) => Set(async c =>
    {
        await Task.Delay(delay, c.Cancelled);
        await c.ForwardAsync();
    });

    /// <summary>Never responds; ends when the client disconnects.</summary>
    public void Hang() => Set(c => Task.Delay(Timeout.InfiniteTimeSpan, c.Cancelled));

    /// <summary>Runs an action, then forwards, for example to delete a bucket between list and describe.</summary>
    public void Before(Func<ProxiedRequest, Task> action) => Set(async c =>
    {
        await action(c.Request);
        await c.ForwardAsync();
    });

    /// <summary>Forwards, and changes the emulator's response.</summary>
    public void Change(Func<byte[], byte[]> change) => Set(c => c.ForwardAsync(change));

    /// <summary>Forwards unchanged, as an exception to a later rule.</summary>
    public void Forward() => Set(c => c.ForwardAsync());

    internal bool Takes(ProxiedRequest request)
    {
        if (Fate is null || !_conditions.TrueForAll(c => c(request)))
        {
            return false;
        }

        var match = Interlocked.Increment(ref _matches);
        return match >= _first && match <= _last;
    }

    private void Set(Func<FaultContext, Task> fate) => Fate = fate;

    private bool TakeToken(double size, double perSecond)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _tokens = double.IsNaN(_tokens) ? size : Math.Min(size, _tokens + (Stopwatch.GetElapsedTime(_tokensAt, now).TotalSeconds * perSecond));
            _tokensAt = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}

/// <summary>A response of a rule instead of the emulator's.</summary>
public sealed record FaultResponse(int Status, string ContentType, string Body, IReadOnlyDictionary<string, string>? Headers = null)
{
    private const string RequestId = "00000000-0000-0000-0000-00000000fa17";

    /// <summary>An error in the protocol of the called service.</summary>
    public static FaultResponse Error(ProxiedRequest request, string code, int status, string message)
    {
        message = System.Security.SecurityElement.Escape(message);
        return request.Model?.Protocol switch
        {
            WireProtocol.Json or WireProtocol.RestJson => new FaultResponse(
                status, "application/x-amz-json-1.1", $$"""{"__type":"com.amazonaws#{{code}}","message":"{{message}}"}""",
                new Dictionary<string, string> { ["x-amzn-errortype"] = code, ["x-amzn-RequestId"] = RequestId }),
            WireProtocol.Ec2 => Xml(
                status,
                $"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{RequestId}</RequestID></Response>"),
            WireProtocol.RestXml when request.Service == "s3" =>
                Xml(status, $"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{RequestId}</RequestId></Error>"),
            _ => Xml(
                status,
                $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                + $"<RequestId>{RequestId}</RequestId></ErrorResponse>"),
        };
    }

    internal static string DeniedCode(ProxiedRequest request) => request.Model?.Protocol switch
    {
        WireProtocol.Json or WireProtocol.RestJson => "AccessDeniedException",
        WireProtocol.Ec2 => "UnauthorizedOperation",
        _ => "AccessDenied",
    };

    internal static FaultResponse Throttled(ProxiedRequest request) => request.Model?.Protocol switch
    {
        WireProtocol.Json => Error(request, "ThrottlingException", 400, "Rate exceeded"),
        WireProtocol.RestJson => Error(request, "TooManyRequestsException", 429, "Rate exceeded"),
        WireProtocol.Ec2 => Error(request, "RequestLimitExceeded", 503, "Request limit exceeded."),
        WireProtocol.RestXml when request.Service == "s3" => Error(request, "SlowDown", 503, "Please reduce your request rate."),
        _ => Error(request, "Throttling", 400, "Rate exceeded"),
    };

    private static FaultResponse Xml(int status, string body) => new(status, "text/xml", """<?xml version="1.0" encoding="UTF-8"?>""" + "\n" + body);
}

/// <summary>The context of an action for one request.</summary>
internal sealed class FaultContext(ProxiedRequest request, HttpContext http, Func<Task<ForwardedResponse>> forward)
{
    public ProxiedRequest Request => request;

    public CancellationToken Cancelled => http.RequestAborted;

    public async Task AnswerAsync(FaultResponse answer)
    {
        request.WasFaked = true;
        http.Response.StatusCode = request.Status = answer.Status;
        http.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers ?? new Dictionary<string, string>())
        {
            http.Response.Headers[name] = value;
        }

        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.WriteAsync(answer.Body, Cancelled);
        }
    }

    public async Task ForwardAsync(Func<byte[], byte[]>? change = null)
    {
        var answer = await forward();
        request.Status = answer.Status;
        answer.CopyHeadersTo(http.Response);
        var body = change?.Invoke(answer.Body) ?? answer.Body;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body, Cancelled);
        }
    }

    public Task ResetAsync()
    {
        request.WasFaked = true;
        http.Abort();
        return Task.CompletedTask;
    }

    public async Task TruncateAsync()
    {
        var answer = await forward();
        request.WasFaked = true;
        answer.CopyHeadersTo(http.Response);
        http.Response.ContentLength = answer.Body.Length;
        await http.Response.Body.WriteAsync(answer.Body.AsMemory(0, answer.Body.Length / 2), Cancelled);
        await http.Response.Body.FlushAsync(Cancelled);
        http.Abort();
    }
}

/// <summary>The emulator's response.</summary>
internal sealed record ForwardedResponse(int Status, IReadOnlyList<KeyValuePair<string, string[]>> Headers, byte[] Body)
{
    private static readonly HashSet<string> _own = new(["Transfer-Encoding", "Content-Length", "Connection", "Keep-Alive"], StringComparer.OrdinalIgnoreCase);

    public void CopyHeadersTo(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, values) in Headers.Where(h => !_own.Contains(h.Key)))
        {
            response.Headers[name] = values;
        }
    }
}
