using Amazon.Runtime;

namespace Qrie.Aws;

/// <summary>The credentials of an SDK client. The SDK gets them with a blocking call while it signs, so they are fetched before.</summary>
internal sealed class CurrentCredentials : AWSCredentials
{
    public ImmutableCredentials? Current { get; set; }

    public override ImmutableCredentials GetCredentials() => Current!;
}
