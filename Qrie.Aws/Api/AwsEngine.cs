using System.Net.Sockets;
using System.Text.Json;
using Amazon.Runtime;
using Microsoft.Extensions.Logging;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api.Client;
using Qrie.Aws.Api.Limits;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api;

/// <summary>
/// Sends any call: finds endpoint and credentials, waits for the limiter, retries where that can help, and returns every refusal as a value. Callers decide
/// which operations are allowed and what is redacted; <see cref="AwsApi"/> does so for catalogs and people.
/// </summary>
internal sealed partial class AwsEngine : IDisposable
{
    private readonly ModelCatalog _models;
    private readonly AwsApiOptions _options;
    private readonly AwsRegion _region;
    private readonly CallMeter _meter;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly AwsClient _client;
    private readonly LimiterPool _limiters;
    private readonly AmbientCredentials _ambient;
    private readonly RoleSessions _roles;
    private readonly RetryLoop _retries;
    private readonly Uri? _emulator;
    private readonly Func<CancellationToken, Task<AWSCredentials>>? _credentials;
    private readonly HttpMessageHandler? _network;

    public AwsEngine(
        ModelCatalog models, AwsApiOptions options, AwsRegion region, CallMeter meter, TimeProvider clock, ILogger logger,
        Func<CancellationToken, Task<AWSCredentials>>? credentials = null, HttpMessageHandler? network = null)
    {
        _models = models;
        _options = options;
        _region = region;
        _credentials = credentials;
        _network = network;
        _meter = meter;
        _clock = clock;
        _logger = logger;
        _emulator = options.Endpoint is null ? null : new Uri(options.Endpoint);
        _client = new AwsClient(new AwsClientConfig(options, network), clock);
        _limiters = new LimiterPool(options, clock, () => Replicas());
        _ambient = new AmbientCredentials(options, clock, credentials);
        _retries = new RetryLoop(options, clock);
        _roles = new RoleSessions(
            (call, cancel) => SendAsync(call, redactor: null, cancel),
            partition => models.Endpoints.PartitionOf(region.Name).Name == partition
                ? region.Name
                : models.Endpoints.FindPartition(partition)?.DefaultRegion ?? region.Name,
            clock);
    }

    /// <summary>How many processes share the rates that AWS allows: this one takes its part.</summary>
    public Func<int> Replicas { get; init; } = () => 1;

    /// <summary>A new engine for other operations, with the same settings and credentials.</summary>
    public AwsEngine With(ModelCatalog models) => new(models, _options, _region, _meter, _clock, _logger, _credentials, _network) { Replicas = Replicas };

    /// <summary>The ambient credentials, for SDK clients of Qrie's own infrastructure.</summary>
    public Task<CredentialsResult> FindAmbientCredentialsAsync(CancellationToken cancel) => _ambient.GetAsync(cancel);

    /// <summary>
    /// Sends one call, with retries. Without a redactor the response is returned unchanged, as needed for credentials.
    /// </summary>
    public async Task<AwsResult> SendAsync(AwsCall call, Redactor? redactor, CancellationToken cancel)
    {
        var service = _models.FindService(call.Service) ?? throw new AwsCallException($"there is no service model {call.Service}");
        var operation = service.FindOperation(call.Operation)
            ?? throw new AwsCallException($"{call.Service} has no operation {call.Operation} that can be called");
        var endpoint = _models.Endpoints.Resolve(call.Service, call.Region);
        var sending = new Sending(this, call, service, operation, redactor, endpoint);
        var last = await RunAsync(sending, (_emulator ?? endpoint.Url).Authority, cancel);
        _meter.Ended(sending.Key, last.Error?.Kind, sending.WasSent);
        if (last.Error is { } error)
        {
            Log.Failed(_logger, call, error.Code, error.HttpStatus, error.RequestId);
            return AwsResult.Failure(error with { Message = SecretPatterns.Strike(error.Message) }, last.SentAt);
        }

        var content = ServiceQuirks.FinishResponse(service, operation, call.Parameters, last.Content);
        return AwsResult.Success(content, last.SentAt, last.RequestId);
    }

    /// <summary>Makes the next call assume the role again, whatever the last result was.</summary>
    public void DropSession(AwsPrincipal principal)
    {
        if (principal.RoleArn is { } role)
        {
            _roles.Forget(role, principal.ExternalId);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _ambient.Dispose();
        _roles.Dispose();
    }

    private async Task<Attempt> RunAsync(Sending sending, string address, CancellationToken cancel) =>
        await _retries.RunAsync(address, sending.AttemptAsync, cancel) ?? Attempt.Final(sending.GivenUp(address), _clock.GetUtcNow());

    private Task<CredentialsResult> FindCredentialsAsync(AwsPrincipal principal, CancellationToken cancel) =>
        !principal.HasAccess ? Task.FromResult(CredentialsResult.Failed(
            AwsErrorKind.Denied, "NoRole",
            $"Account {principal.AccountId} has no role with an external id that Qrie issued; register it again with role_arn."))
        : principal.RoleArn is null ? _ambient.GetAsync(cancel)
        : _roles.GetAsync(principal.RoleArn, principal.ExternalId, cancel);

    /// <summary>
    /// Converts network failures to errors. A host that does not exist means that the region lacks the service, unless the endpoint table lists it there.
    /// </summary>
    private AwsError NetworkError(AwsCall call, Exception exception)
    {
        var innermost = exception.GetBaseException();
        var isUnknownHost = innermost is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData };
        return isUnknownHost && _emulator is null && !_models.Endpoints.IsListed(call.Service, call.Region)
            ? new AwsError(AwsErrorKind.RegionUnavailable, "EndpointNotFound", $"{call.Service} has no endpoint in {call.Region}", call.Service, call.Operation)
            : new AwsError(
                AwsErrorKind.Unavailable, isUnknownHost ? "NameResolutionFailed" : "ConnectionFailed", innermost.Message, call.Service, call.Operation);
    }

    /// <summary>The parts of a call that stay the same from attempt to attempt.</summary>
    private sealed class Sending(AwsEngine engine, AwsCall call, ServiceModel service, Operation operation, Redactor? redactor, ResolvedEndpoint endpoint)
    {
        private readonly JsonElement _parameters = ServiceQuirks.PrepareParameters(service, operation, call.Parameters);
        private ResolvedEndpoint _endpoint = endpoint;
        private bool _wasRedirected;

        /// <summary>At least one request was sent.</summary>
        public bool WasSent { get; private set; }

        public CallKey Key { get; } = new(call.Principal.AccountId, call.Region, call.Service, call.Operation);

        public async Task<Attempt> AttemptAsync(int number, CancellationToken cancel)
        {
            var credentials = operation.IsUnsigned ? null : await engine.FindCredentialsAsync(call.Principal, cancel);
            if (credentials?.Problem is { } problem)
            {
                // The calls for the credentials have had their own retries.
                return Attempt.Final(Error(problem.Kind, problem.Code, problem.Message, problem.RequestId, status: null), engine._clock.GetUtcNow());
            }

            var lease = await engine._limiters.AcquireAsync(call.Principal.AccountId, _endpoint.SigningRegion, call.Service, call.Operation, cancel);
            var request = Request(credentials?.Credentials);
            var began = engine._clock.GetTimestamp();
            WasSent = true;
            try
            {
                var response = await SendAsync(request, cancel);
                var attempt = Evaluate(response, request.SentAt);
                var isThrottled = attempt.Error?.Kind is AwsErrorKind.Throttled;
                if (isThrottled)
                {
                    lease.Throttled();
                }
                else
                {
                    lease.Passed();
                }

                engine._meter.Attempt(Key, number, isThrottled, response.Bytes, engine._clock.GetElapsedTime(began));
                return attempt;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                lease.Lost();
                engine._meter.Attempt(Key, number, isThrottled: false, bytes: 0, engine._clock.GetElapsedTime(began));
                if (Failed(e, request.SentAt == default ? engine._clock.GetUtcNow() : request.SentAt) is { } attempt)
                {
                    return attempt;
                }

                throw;
            }
            catch
            {
                lease.Lost();
                throw;
            }
        }

        public AwsError GivenUp(string address) => Error(
            AwsErrorKind.Unavailable, "CircuitOpen", $"{address} does not respond; it is tried again in a few seconds", requestId: null, status: null);

        private async Task<AwsResponse> SendAsync(AwsRequest request, CancellationToken cancel)
        {
            using var timeout = new CancellationTokenSource(engine._options.AttemptTimeout, engine._clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);

            // The SDK does not always honour the token while it reads a body.
            return await engine._client.SendAsync(request, both.Token).WaitAsync(both.Token);
        }

        private AwsRequest Request(ImmutableCredentials? credentials) => new()
        {
            Service = service,
            Operation = operation,
            Parameters = _parameters,
            Endpoint = engine._emulator ?? _endpoint.Url,
            IsEmulator = engine._emulator is not null,
            SigningRegion = _endpoint.SigningRegion,
            SigningName = engine._models.Endpoints.SigningNameOf(service.Name) ?? service.SigningName,
            Credentials = credentials,
            Redactor = redactor,
        };

        private Attempt Evaluate(AwsResponse response, DateTimeOffset sentAt)
        {
            if (response.Error is not { } wire)
            {
                return Attempt.Succeeded(response.Content, response.RequestId, sentAt);
            }

            if (!_wasRedirected
                && ServiceQuirks.FindRightRegion(service, _parameters, wire, response.Status, _endpoint.SigningRegion, engine._models.Endpoints) is { } region)
            {
                _wasRedirected = true;
                _endpoint = engine._models.Endpoints.Resolve(service.Name, region);
                return Attempt.Again(Error(AwsErrorKind.Other, wire.Code, wire.Message, wire.RequestId, response.Status), sentAt);
            }

            if (ErrorClassifier.IsExpired(wire.Code))
            {
                engine.DropSession(call.Principal);
            }

            if (ErrorClassifier.IsNotAws(wire, response.Status, operation))
            {
                var code = wire.HasCode ? $"the code {wire.Code}" : "no code";
                var message = $"HTTP status {response.Status} with {code} is not an AWS response to {operation}.";
                return Attempt.Of(Error(AwsErrorKind.Unavailable, InvalidResponseException.Code, message, wire.RequestId, response.Status), sentAt);
            }

            var kind = ErrorClassifier.Classify(wire.Code, response.Status, wire.Message);
            return Attempt.Of(Error(kind, wire.Code, wire.Message, wire.RequestId, response.Status), sentAt);
        }

        /// <summary>The error for an attempt without a response; null for an error in the catalog or in this program.</summary>
        private Attempt? Failed(Exception exception, DateTimeOffset sentAt) => exception switch
        {
            ParameterException e => Attempt.Final(Error(AwsErrorKind.Invalid, e.Code, e.Message, requestId: null, status: null), sentAt),
            InvalidResponseException e => Attempt.Of(
                Error(AwsErrorKind.Unavailable, InvalidResponseException.Code, e.Message, requestId: null, status: null), sentAt),
            OperationCanceledException => Attempt.Of(
                Error(
                    AwsErrorKind.Unavailable, "Timeout", $"no complete response within {engine._options.AttemptTimeout.TotalSeconds:0.#} s",
                    requestId: null, status: null), sentAt),
            HttpRequestException or IOException or SocketException or AmazonServiceException or AmazonClientException =>
                Attempt.Of(engine.NetworkError(call, exception), sentAt),
            _ => null,
        };

        private AwsError Error(AwsErrorKind kind, string code, string message, string? requestId, int? status) =>
            new(kind, code, message, call.Service, call.Operation, requestId, status);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Call} failed: {Code} (HTTP {Status}, request {RequestId})")]
        public static partial void Failed(ILogger logger, AwsCall call, string code, int? status, string? requestId);
    }
}
