using Qrie.JmesPath.Typing;

namespace Qrie.JmesPath.Functions;

/// <summary>The implementation of a function; arguments are already evaluated and of the declared types.</summary>
public delegate JmesValue JmesFunctionBody(in FunctionCall call);

/// <summary>One parameter of a function.</summary>
/// <param name="Name">The name in messages.</param>
/// <param name="Types">The accepted types.</param>
/// <param name="Optional">Whether it may be omitted; only optional parameters may follow.</param>
/// <param name="Variadic">Whether it may occur more than once; only for the last parameter.</param>
public sealed record JmesParameter(string Name, JmesTypes Types, bool Optional = false, bool Variadic = false)
{
    /// <summary>For an expression: the position of the array to whose elements it is applied, for the type checker; null if unknown.</summary>
    public int? AppliesTo { get; init; }

    /// <summary>
    /// The function evaluates this argument where it needs it (<see cref="FunctionCall.EvaluateLazily"/>), handles unknown parts of it by itself, and throws
    /// <see cref="FunctionCall.Undecided"/> where they affect the result.
    /// </summary>
    public bool IsLazy { get; init; }

    /// <summary>For an expression: the types that it must return.</summary>
    public JmesTypes Yields { get; init; } = JmesTypes.Any;
}

/// <summary>A function: name, signature and implementation.</summary>
public sealed class JmesFunction
{
    /// <param name="name">Letters, digits and underscores, as expressions call it.</param>
    /// <param name="parameters">In order.</param>
    /// <param name="body">Must be pure and thread-safe; reads time and account only from the evaluation's variables.</param>
    public JmesFunction(string name, IReadOnlyList<JmesParameter> parameters, JmesFunctionBody body)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(body);
        for (var i = 0; i < parameters.Count - 1; i++)
        {
            if (parameters[i].Variadic || (parameters[i].Optional && !parameters[i + 1].Optional))
            {
                throw new ArgumentException($"{name}: only the last parameter may be variadic, and optional ones come last.", nameof(parameters));
            }
        }

        Name = name;
        Parameters = parameters;
        Body = body;
        MinArguments = parameters.Count(p => !p.Optional);
        MaxArguments = parameters.Count > 0 && parameters[^1].Variadic ? int.MaxValue : parameters.Count;
    }

    /// <summary>The name in expressions.</summary>
    public string Name { get; }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<JmesParameter> Parameters { get; }

    /// <summary>The implementation.</summary>
    public JmesFunctionBody Body { get; }

    /// <summary>The result type for arguments of these types; null for any. For the type checker.</summary>
    public Func<IReadOnlyList<JmesType>, JmesType>? Result { get; init; }

    /// <summary>
    /// Why arguments of these types are invalid in combination although each is accepted; returns null if they are valid. For the type checker.
    /// </summary>
    public Func<IReadOnlyList<JmesType>, string?>? Objection { get; init; }

    /// <summary>Its result changes as time passes.</summary>
    public bool ReadsClock { get; init; }

    /// <summary>The variables of the evaluation that it reads itself, without the dollar sign.</summary>
    public IReadOnlyList<string> ReadsVariables { get; init; } = [];

    /// <summary>The minimum number of arguments.</summary>
    public int MinArguments { get; }

    /// <summary>The maximum number of arguments; <see cref="int.MaxValue"/> if unlimited.</summary>
    public int MaxArguments { get; }

    internal JmesParameter ParameterAt(int argument) => Parameters[Math.Min(argument, Parameters.Count - 1)];
}
