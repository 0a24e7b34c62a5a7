namespace Qrie.Aws.Api;

/// <summary>Qrie's default region, used for STS and for calls without a region.</summary>
public sealed record AwsRegion(string Name);
