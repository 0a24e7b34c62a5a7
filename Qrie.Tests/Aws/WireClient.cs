using System.Text.Json;
using Amazon.Runtime;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Client;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>The client with given responses: one attempt, without the engine.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly CapturingNetwork _network = new();
    private readonly AwsClient _client;

    public WireClient() => _client = new AwsClient(new AwsClientConfig(new AwsApiOptions(), _network), TimeProvider.System);

    /// <summary>The last request; null for none.</summary>
    public SentRequest? Last => _network.Last;

    public void Dispose()
    {
        _client.Dispose();
        _network.Dispose();
    }

    /// <summary>The required parameters of an operation.</summary>
    public static object? AnyParameters(string service, string operation) =>
        EmulatedAws.Models.FindOperation(service, operation)!.Input?.Members.Where(m => m.IsRequired).ToDictionary(m => m.Name, _ => "x");

    public Task<AwsResponse> SendAsync(
        string service, string operation, byte[] body, object? parameters, int status = 200,
        IEnumerable<KeyValuePair<string, string>>? headers = null, bool isEmulator = true)
    {
        _network.Answer = () => CapturingNetwork.Response(status, body, headers ?? []);
        var model = EmulatedAws.Models.FindService(service)!;
        return _client.SendAsync(
            new AwsRequest
            {
                Service = model,
                Operation = model.FindOperation(operation)!,
                Parameters = parameters is null ? default : JsonSerializer.SerializeToElement(parameters),
                Endpoint = isEmulator ? new Uri("http://127.0.0.1:1") : EmulatedAws.Models.Endpoints.Resolve(service, "eu-west-1").Url,
                IsEmulator = isEmulator,
                SigningRegion = "eu-west-1",
                SigningName = model.SigningName,
                Credentials = new ImmutableCredentials("key", "secret", null),
                Redactor = null,
            },
            default);
    }
}
