namespace Qrie.JmesPath.Functions;

/// <summary>The types that a parameter accepts.</summary>
[Flags]
public enum JmesTypes
{
    None = 0,
    Null = 1 << 0,
    Boolean = 1 << 1,
    Number = 1 << 2,
    String = 1 << 3,

    /// <summary>An array of anything.</summary>
    Array = 1 << 4,
    Object = 1 << 5,
    Expression = 1 << 6,

    /// <summary>An array in which every element is a number.</summary>
    NumberArray = 1 << 7,

    /// <summary>An array in which every element is a string.</summary>
    StringArray = 1 << 8,

    /// <summary>An array in which every element is an array.</summary>
    ArrayArray = 1 << 9,

    /// <summary>Every value; an expression is not a value.</summary>
    Any = Null | Boolean | Number | String | Array | Object,
}
