using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;

namespace Qrie.Tests.Emulator;

/// <summary>
/// A test's own AWS account in the emulator, in which resources can be created. Qrie's engine cannot create any; the operations available here are listed in
/// <c>Emulator/Admin/operations.txt</c>, from which the models in that folder are generated.
/// </summary>
/// <example><code>
/// var estate = Estate.Create();
/// await estate.DoAsync("s3", "CreateBucket", new { Bucket = "my-bucket" });
/// var answer = await aws.Api.CallAsync(estate.Call("s3", "ListBuckets"), cancel);
/// </code></example>
public sealed class Estate
{
    private static readonly Lazy<ModelCatalog> _models = new(() => ModelCatalog.Open(
        Path.Combine(AppContext.BaseDirectory, "catalog", "aws"), Path.Combine(AppContext.BaseDirectory, "Emulator", "Admin")));

    private static readonly Lazy<Task<AwsEngine>> _admin = new(async () => new AwsEngine(
        _models.Value,
        new AwsApiOptions { Endpoint = (await MotoServer.UrlAsync()).ToString() },
        new AwsRegion("us-east-1"), new CallMeter(), TimeProvider.System, NullLogger.Instance, EmulatedAws.TestCredentials));

    private static int _lastAccount = 100_000;

    private Estate(string accountId) => AccountId = accountId;

    public string AccountId { get; }

    /// <summary>Qrie's access to the account: the default role.</summary>
    public AwsPrincipal Principal => new(AccountId, $"arn:aws:iam::{AccountId}:role/QrieReadOnly-{AccountId}", "an-external-id");

    /// <summary>An account that no other test uses.</summary>
    public static Estate Create() =>
        new((700_000_000_000 + Interlocked.Add(ref _lastAccount, 7)).ToString(CultureInfo.InvariantCulture));

    /// <summary>A given account; <see cref="MotoServer.BaseAccount"/> is shared by all tests.</summary>
    public static Estate Of(string accountId) => new(accountId);

    /// <summary>An unused name for globally unique resources.</summary>
    public string Unique(string name) => $"{name}-{AccountId}";

    /// <summary>A call with Qrie's role.</summary>
    public AwsCall Call(string service, string operation, object? parameters = null, string region = "us-east-1") =>
        new(Principal, region, service, operation, ToJson(parameters));

    /// <summary>Calls an operation in the account; fails the test if AWS returns an error.</summary>
    /// <param name="service">The service as in <c>operations.txt</c>.</param>
    /// <param name="operation">The operation as in <c>operations.txt</c>.</param>
    /// <param name="parameters">An object, usually anonymous, in the API's own names.</param>
    /// <param name="region">The region of the call.</param>
    public async Task<JsonElement> DoAsync(string service, string operation, object? parameters = null, string region = "us-east-1")
    {
        var principal = AccountId == MotoServer.BaseAccount
            ? new AwsPrincipal(AccountId)
            : new AwsPrincipal(AccountId, $"arn:aws:iam::{AccountId}:role/Administrator");
        var engine = await _admin.Value;
        var answer = await engine.SendAsync(new AwsCall(principal, region, service, operation, ToJson(parameters)), redactor: null, CancellationToken.None);
        return answer.Error is { } error
            ? throw new InvalidOperationException($"{service}:{operation} in {AccountId}: {error.Code}: {error.Message}")
            : answer.Content;
    }

    private static JsonElement ToJson(object? parameters) => parameters switch
    {
        null => default,
        JsonElement element => element,
        _ => JsonSerializer.SerializeToElement(parameters),
    };
}
