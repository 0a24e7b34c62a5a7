using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>A parameter value computed at run time does not fit. The engine converts it to an error value.</summary>
internal sealed class ParameterException(string code, string message) : Exception(message)
{
    public const string Missing = "MissingParameter";
    public const string WrongType = "WrongParameterType";

    public string Code { get; } = code;

    public static ParameterException Wrong(Shape shape, JsonElement value) =>
        new(WrongType, $"a parameter of type {shape} cannot be made from {value.ValueKind}");
}
