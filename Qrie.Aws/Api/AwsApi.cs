namespace Qrie.Aws.Api;

/// <summary>The engine: calls AWS.</summary>
public sealed class AwsApi : IAwsApi
{
    public Task<AwsAnswer> CallAsync(AwsCall call, CancellationToken cancel) => throw new NotImplementedException("follows within the hour");
}
