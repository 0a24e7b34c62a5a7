namespace Qrie.JmesPath;

/// <summary>The kind of a value.</summary>
public enum JmesKind : byte
{
    /// <summary>JSON null, or a missing value.</summary>
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,

    /// <summary>An unevaluated <c>&amp;expression</c>; only as an argument of a function.</summary>
    Expression,
}

internal static class JmesKindNames
{
    /// <summary>The name that <c>type()</c> returns.</summary>
    public static string Name(this JmesKind kind) => kind switch
    {
        JmesKind.Null => "null",
        JmesKind.Boolean => "boolean",
        JmesKind.Number => "number",
        JmesKind.String => "string",
        JmesKind.Array => "array",
        JmesKind.Object => "object",
        _ => "expression",
    };
}
