using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Catalog;

/// <summary>The functions that service files may call besides those of JMESPath Community (catalog-format.md section 2).</summary>
public static class CollectionFunctions
{
    public static FunctionLibrary Library { get; } = FunctionLibrary.Standard;

    public static JmesPathOptions Options { get; } = new() { Functions = Library };
}
