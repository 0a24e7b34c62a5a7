using System.Collections.Frozen;
using Qrie.JmesPath.Functions.Standard;

namespace Qrie.JmesPath.Functions;

/// <summary>The functions that expressions may call. Immutable.</summary>
public sealed class FunctionLibrary
{
    private readonly FrozenDictionary<string, JmesFunction> _functions;

    private FunctionLibrary(IEnumerable<JmesFunction> functions) =>
        _functions = functions.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>The functions of JMESPath Community.</summary>
    public static FunctionLibrary Standard { get; } = new(
    [
        .. NumberFunctions.All,
        .. TextFunctions.All,
        .. ListFunctions.All,
        .. ObjectFunctions.All,
        .. ExpressionFunctions.All,
        .. ValueFunctions.All,
    ]);

    /// <summary>All functions.</summary>
    public IEnumerable<JmesFunction> Functions => _functions.Values;

    /// <summary>A library with additional functions.</summary>
    /// <exception cref="ArgumentException">A name is already in use.</exception>
    public FunctionLibrary With(params IEnumerable<JmesFunction> more) => new([.. _functions.Values, .. more]);

    /// <summary>The function of this name; null if there is none.</summary>
    public JmesFunction? Find(string name) => _functions.GetValueOrDefault(name);
}
