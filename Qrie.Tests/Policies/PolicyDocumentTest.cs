using Qrie.JmesPath;

namespace Qrie.Tests.Policies;

/// <summary>Builds policy documents from statements, in the account that owns them.</summary>
public abstract class PolicyDocumentTest
{
    private protected const string Own = "111111111111";

    private protected static JmesValue Document(params string[] statements) =>
        JmesValue.FromString($$"""{"Version": "2012-10-17", "Statement": [{{string.Join(',', statements)}}]}""");
}
