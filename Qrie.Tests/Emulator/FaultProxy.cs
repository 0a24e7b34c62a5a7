using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Qrie.Tests.Emulator;

/// <summary>
/// An HTTP proxy in front of the emulator that makes requests fail in scripted ways and records all of them. It determines service and operation by the service
/// models (target header, Action field, or method, path and query), and the account by the roles that were assumed through it.
/// </summary>
/// <example><code>
/// await using var proxy = await FaultProxy.StartAsync();
/// using var aws = EmulatedAws.At(proxy.Url);
/// proxy.On("s3:GetBucketPolicy").ForAccount(estate.AccountId).AccessDenied();   // every call
/// proxy.On("ec2:*").Nth(2).Reset();                                             // the second EC2 request
/// proxy.On("iam:ListUsers").OnLaterPages().Error("ServiceFailure", 500);        // a list cut at its second page
/// proxy.On("s3:GetBucketAcl").Times(1).Before(_ => estate.DoAsync("s3", "DeleteBucket", new { Bucket = "b" }));
/// …
/// proxy.Requests.Count(r => r.Operation == "ListBuckets").ShouldBe(1);
/// </code></example>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;
    private readonly Uri _target;
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly ConcurrentDictionary<string, string> _accountsByKey = new() { ["testing"] = MotoServer.BaseAccount };
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private FaultRule[] _rules = [];

    private FaultProxy(Uri target)
    {
        _target = target;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Its address.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>All requests, in order.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. _requests];

    /// <summary>A proxy in front of the emulator.</summary>
    public static async Task<FaultProxy> StartAsync() => await StartAsync(await MotoServer.UrlAsync());

    /// <summary>A proxy in front of another server.</summary>
    public static async Task<FaultProxy> StartAsync(Uri target)
    {
        var proxy = new FaultProxy(target);
        await proxy._app.StartAsync();
        proxy.Url = new Uri(proxy._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return proxy;
    }

    /// <summary>Begins a rule about <c>service:Operation</c>; <c>*</c> for any: <c>ec2:*</c>, <c>*</c>.</summary>
    public FaultRule On(string call)
    {
        var rule = new FaultRule(call);
        _rules = [.. _rules, rule];
        return rule;
    }

    /// <summary>Removes all rules, so that everything is forwarded.</summary>
    public void Heal() => _rules = [];

    /// <summary>The requests for one operation.</summary>
    public IReadOnlyList<ProxiedRequest> RequestsFor(string operation) => [.. _requests.Where(r => r.Operation == operation)];

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        var request = await ProxiedRequest.ReadAsync(http.Request, http.RequestAborted);
        request.At = Stopwatch.GetElapsedTime(_startedAt);
        request.AccountId = request.AccessKey is { } key ? _accountsByKey.GetValueOrDefault(key) : null;
        _requests.Enqueue(request);

        // Kestrel has decoded the path; signatures and buckets need the original one.
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var context = new FaultContext(request, http, () => ForwardAsync(request, target, http.RequestAborted));
        try
        {
            var rule = _rules.FirstOrDefault(r => r.Takes(request));
            await (rule?.Fate!(context) ?? context.ForwardAsync());
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected.
        }
    }

    private async Task<ForwardedResponse> ForwardAsync(ProxiedRequest request, string target, CancellationToken cancel)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_target, target));
        if (request.Body.Length > 0 || HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
        {
            message.Content = new ByteArrayContent(request.Body);
        }

        foreach (var (name, value) in request.Headers.Where(h => !h.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _client.SendAsync(message, cancel);
        var body = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (request.Operation == "AssumeRole")
        {
            RememberRole(System.Text.Encoding.UTF8.GetString(body));
        }

        if (request is { Service: "s3", Operation: "GetBucketPolicyStatus" } && answer.IsSuccessStatusCode)
        {
            // The emulator does not implement it, and lists the bucket's objects instead.
            return new ForwardedResponse(404, [], "<Error><Code>NoSuchBucketPolicy</Code><Message>Not implemented.</Message></Error>"u8.ToArray());
        }

        return new ForwardedResponse(
            (int)answer.StatusCode, [.. answer.Headers.Concat(answer.Content.Headers).Select(h => KeyValuePair.Create(h.Key, h.Value.ToArray()))], body);
    }

    private void RememberRole(string answer)
    {
        var key = Regex.Match(answer, "<AccessKeyId>([^<]+)<");
        var account = Regex.Match(answer, @"<Arn>arn:[^:]+:sts::(\d{12}):");
        if (key.Success && account.Success)
        {
            _accountsByKey[key.Groups[1].Value] = account.Groups[1].Value;
        }
    }
}
