using Qrie.JmesPath.Typing;

namespace Qrie.JmesPath.Functions;

/// <summary>What a function does; arguments are already evaluated and of the declared types.</summary>
public delegate JmesValue JmesFunctionBody(in FunctionCall call);

/// <summary>One parameter of a function.</summary>
/// <param name="Name">As messages name it.</param>
/// <param name="Types">What it accepts.</param>
/// <param name="Optional">May be left out; only optional parameters may follow.</param>
/// <param name="Variadic">The last parameter, given once or more often.</param>
public sealed record JmesParameter(string Name, JmesTypes Types, bool Optional = false, bool Variadic = false)
{
    /// <summary>For an expression: the place of the array to whose elements it is applied, for the type checker; null: unknown.</summary>
    public int? AppliesTo { get; init; }

    /// <summary>
    /// The function asks for this argument where it needs it (<see cref="FunctionCall.Weigh"/>), weighs by itself what is unknown in it, and says
    /// <see cref="FunctionCall.Undecided"/> where that matters.
    /// </summary>
    public bool WeighsUnknown { get; init; }

    /// <summary>For an expression: the types that it must give.</summary>
    public JmesTypes Yields { get; init; } = JmesTypes.Any;
}

/// <summary>A function: its name, its signature and what it does, in one place.</summary>
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

    /// <summary>What it does.</summary>
    public JmesFunctionBody Body { get; }

    /// <summary>The type it gives for arguments of these types; null: any. For the type checker.</summary>
    public Func<IReadOnlyList<JmesType>, JmesType>? Result { get; init; }

    /// <summary>Why arguments of these types make no sense together although each is accepted; gives null when they do. For the type checker.</summary>
    public Func<IReadOnlyList<JmesType>, string?>? Objection { get; init; }

    /// <summary>Its result changes as time passes.</summary>
    public bool ReadsClock { get; init; }

    /// <summary>The evaluation's variables that it reads by itself, without the dollar sign.</summary>
    public IReadOnlyList<string> ReadsVariables { get; init; } = [];

    /// <summary>Fewest arguments.</summary>
    public int MinArguments { get; }

    /// <summary>Most arguments; <see cref="int.MaxValue"/>: any number.</summary>
    public int MaxArguments { get; }

    internal JmesParameter ParameterAt(int argument) => Parameters[Math.Min(argument, Parameters.Count - 1)];
}
