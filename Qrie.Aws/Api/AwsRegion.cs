namespace Qrie.Aws.Api;

/// <summary>The region that Qrie starts from: of STS, and of calls that name none.</summary>
public sealed record AwsRegion(string Name);
