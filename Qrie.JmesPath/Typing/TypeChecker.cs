using Qrie.JmesPath.Evaluation;
using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath.Typing;

/// <summary>Infers the type of an expression over a shape and reports errors that occur for every document.</summary>
public sealed class TypeChecker
{
    private readonly string _text;
    private readonly JmesType _root;
    private readonly IReadOnlyDictionary<string, JmesType>? _variables;
    private readonly Dictionary<int, JmesType> _slots = [];
    private readonly List<TypeIssue> _issues = [];

    private TypeChecker(string text, JmesType root, IReadOnlyDictionary<string, JmesType>? variables)
    {
        _text = text;
        _root = root;
        _variables = variables;
    }

    /// <summary>Checks an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="root">The shape of the documents.</param>
    /// <param name="variables">The types of the bound variables, by name without the dollar sign; null if no variable is known.</param>
    public static TypeCheckResult Check(JmesPathExpression expression, JmesType root, IReadOnlyDictionary<string, JmesType>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(root);
        var checker = new TypeChecker(expression.Text, root, variables);
        var type = checker.Infer(expression.Body, root);
        return new(type, checker._issues);
    }

    private JmesType Infer(Node node, JmesType current) => node switch
    {
        CurrentNode => current,
        RootNode => _root,
        LiteralNode literal => LiteralTypes.Of(literal.Value),
        FieldNode field => Field(field, current),
        SubNode sub => Infer(sub.Right, Infer(sub.Left, current)),
        PipeNode pipe => Infer(pipe.Right, Infer(pipe.Left, current)),
        IndexNode index => ItemOf(Infer(index.Source, current), index.Position, "an index"),
        ProjectionNode projection => Projection(projection, current),
        VariableNode variable => Variable(variable),
        LocalNode local => _slots[local.Slot],
        LetNode let => Let(let, current),
        MultiSelectListNode list => JmesType.List(TypeJoin.OfAll([.. list.Items.Select(i => Infer(i, current))])),
        MultiSelectHashNode hash => Hash(hash, current),
        FunctionCallNode call => Call(call, current),
        _ => Operator(node, current),
    };

    private JmesType Operator(Node node, JmesType current)
    {
        switch (node)
        {
            case AndNode and:
                Infer(and.Left, current); // where it is true, the right side is the result
                return Infer(and.Right, current);
            case OrNode or:
                return JmesType.Join(Infer(or.Left, current), Infer(or.Right, current));
            case ConditionalNode conditional:
                Infer(conditional.Condition, current);
                return JmesType.Join(Infer(conditional.Then, current), Infer(conditional.Otherwise, current));
            case NotNode not:
                Infer(not.Operand, current);
                return JmesType.Boolean;
            case ComparisonNode comparison:
                Comparison(comparison, Infer(comparison.Left, current), Infer(comparison.Right, current));
                return JmesType.Boolean;
            case SignNode sign:
                Number(sign.Inner, Infer(sign.Inner, current));
                return JmesType.Number;
            case ArithmeticNode arithmetic:
                Number(arithmetic.Left, Infer(arithmetic.Left, current));
                Number(arithmetic.Right, Infer(arithmetic.Right, current));
                return JmesType.Number;
            default:
                return JmesType.Any;
        }
    }

    private JmesType Field(FieldNode field, JmesType current)
    {
        switch (current.Inner)
        {
            case MapType map:
                return map.Value;
            case ObjectType shape:
                if (shape.Members.TryGetValue(field.Name, out var member))
                {
                    return member;
                }

                if (!shape.Open)
                {
                    var similar = Similar.To(field.Name, shape.Members.Keys);
                    Report(
                        TypeIssueKind.UnknownMember,
                        field.Position,
                        $"{shape} has no member {field.Name}.{(similar is null ? "" : $" Is {similar} meant?")}");
                }

                return JmesType.Any;
            case ListType:
                Report(TypeIssueKind.NotAnObject, field.Position, $"{field.Name} is read from a list: write [].{field.Name} for all elements.");
                return JmesType.Any;
            case var other when other == JmesType.Any || other == JmesType.Nothing:
                return JmesType.Any;
            case var other:
                Report(TypeIssueKind.NotAnObject, field.Position, $"{field.Name} is read from {Named(other)}, which has no members.");
                return JmesType.Any;
        }
    }

    private JmesType ItemOf(JmesType type, int position, string use)
    {
        switch (type.Inner)
        {
            case ListType list:
                return list.Item;
            case var other when other == JmesType.Any || other == JmesType.Nothing:
                return JmesType.Any;
            case var other:
                Report(TypeIssueKind.NotAList, position, $"{Capital(use)} needs a list, this is {Named(other)}.");
                return JmesType.Any;
        }
    }

    private JmesType Projection(ProjectionNode projection, JmesType current)
    {
        var source = Infer(projection.Source, current);
        switch (projection)
        {
            case SliceProjectionNode when IsText(source.Inner):
                return Infer(projection.Body, JmesType.String);
            case ObjectProjectionNode:
                return JmesType.List(Infer(projection.Body, MemberOf(source, projection.Position)).Inner);
            case FlattenProjectionNode:
                var element = ItemOf(source, projection.Position, "[]").Inner;
                return JmesType.List(Infer(projection.Body, element is ListType nested ? nested.Item : element).Inner);
            case FilterProjectionNode filter:
                var item = ItemOf(source, projection.Position, "a filter");
                Infer(filter.Condition, item);
                return JmesType.List(Infer(projection.Body, item).Inner);
            default:
                return JmesType.List(Infer(projection.Body, ItemOf(source, projection.Position, "a projection")).Inner);
        }
    }

    private JmesType MemberOf(JmesType type, int position)
    {
        switch (type.Inner)
        {
            case MapType map:
                return map.Value;
            case ObjectType shape:
                return shape.Open ? JmesType.Any : TypeJoin.OfAll(shape.Members.Values);
            case var other when other == JmesType.Any || other == JmesType.Nothing:
                return JmesType.Any;
            case var other:
                Report(TypeIssueKind.NotAnObject, position, $"* needs an object, this is {Named(other)}.");
                return JmesType.Any;
        }
    }

    private JmesType Variable(VariableNode variable)
    {
        if (_variables is null)
        {
            return JmesType.Any;
        }

        if (_variables.TryGetValue(variable.Name, out var type))
        {
            return type;
        }

        var similar = Similar.To(variable.Name, _variables.Keys);
        Report(
            TypeIssueKind.UndefinedVariable,
            variable.Position,
            $"There is no variable ${variable.Name} here.{(similar is null ? "" : $" Is ${similar} meant?")}");
        return JmesType.Any;
    }

    private JmesType Let(LetNode let, JmesType current)
    {
        foreach (var binding in let.Bindings)
        {
            _slots[binding.Slot] = Infer(binding.Value, current);
        }

        return Infer(let.Body, current);
    }

    private JmesType Hash(MultiSelectHashNode hash, JmesType current)
    {
        var members = new Dictionary<string, JmesType>(StringComparer.Ordinal);
        foreach (var (name, value) in hash.Members)
        {
            members[name] = Infer(value, current);
        }

        return JmesType.Object(members);
    }

    private void Comparison(ComparisonNode node, JmesType left, JmesType right)
    {
        if (node.Comparison is Evaluation.Comparison.Equal or Evaluation.Comparison.NotEqual)
        {
            if (TypeRelations.NeverEqual(left, right) is { } reason)
            {
                Report(TypeIssueKind.NeverEqual, node.Position, reason);
            }

            return;
        }

        foreach (var (side, type) in new[] { (node.Left, left.Inner), (node.Right, right.Inner) })
        {
            if (type != JmesType.Number && type != JmesType.Any && type != JmesType.Nothing)
            {
                var hint = type == JmesType.Timestamp ? " Turn points in time into numbers first." : IsText(type) ? " Turn text into a number first." : "";
                Report(TypeIssueKind.OrderingOfNonNumbers, side.Position, $"Only numbers have an order, this is {Named(type)}.{hint}");
            }
        }
    }

    private void Number(Node node, JmesType type)
    {
        if (type.Inner != JmesType.Number && type.Inner != JmesType.Any && type.Inner != JmesType.Nothing)
        {
            Report(TypeIssueKind.ArithmeticOnNonNumbers, node.Position, $"Arithmetic needs numbers, this is {Named(type.Inner)}.");
        }
        else if (type is NullableType)
        {
            Report(TypeIssueKind.PossibleNull, node.Position, "Arithmetic needs a number, this may be null.");
        }
    }

    private JmesType Call(FunctionCallNode call, JmesType current)
    {
        var types = new JmesType[call.Arguments.Count];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = call.Arguments[i] is ReferenceNode ? JmesType.Any : Infer(call.Arguments[i], current);
        }

        for (var i = 0; i < types.Length; i++)
        {
            var parameter = call.Function.ParameterAt(i);
            if (call.Arguments[i] is ReferenceNode reference)
            {
                types[i] = Reference(call, i, reference, types);
            }
            else
            {
                Argument(call, parameter, call.Arguments[i], types[i]);
            }
        }

        foreach (var name in call.Function.ReadsVariables.Where(name => _variables?.ContainsKey(name) == false))
        {
            Report(TypeIssueKind.UndefinedVariable, call.Position, $"{call.Function.Name}() reads ${name}, which is not bound here.");
        }

        if (call.Function.Objection?.Invoke(types) is { } objection)
        {
            Report(TypeIssueKind.NeverEqual, call.Position, $"{call.Function.Name}(): {objection}");
        }

        return call.Function.Result?.Invoke(types) ?? JmesType.Any;
    }

    /// <summary>The result type of an &amp;expression for the elements of the list to which it is applied.</summary>
    private JmesType Reference(FunctionCallNode call, int argument, ReferenceNode reference, JmesType[] types)
    {
        var parameter = call.Function.ParameterAt(argument);
        if (!parameter.Types.HasFlag(JmesTypes.Expression))
        {
            Report(
                TypeIssueKind.WrongArgument, reference.Position,
                $"{call.Function.Name}() ${parameter.Name} must be {ArgumentTypes.Describe(parameter.Types)}.");
            return JmesType.Any;
        }

        var item = parameter.AppliesTo is { } list && list < types.Length && types[list].Inner is ListType applied ? applied.Item : JmesType.Any;
        var type = Infer(reference.Body, item);
        if (!TypeRelations.Accepts(parameter.Yields, type.Inner))
        {
            Report(
                TypeIssueKind.WrongArgument,
                reference.Body.Position,
                $"{call.Function.Name}() ${parameter.Name} must give {ArgumentTypes.Describe(parameter.Yields)}, this gives {Named(type.Inner)}.");
        }

        return type;
    }

    private void Argument(FunctionCallNode call, JmesParameter parameter, Node argument, JmesType type)
    {
        if (!TypeRelations.Accepts(parameter.Types, type.Inner))
        {
            Report(
                TypeIssueKind.WrongArgument,
                argument.Position,
                $"{call.Function.Name}() ${parameter.Name} must be {ArgumentTypes.Describe(parameter.Types)}, this is {Named(type.Inner)}.");
        }
        else if (type is NullableType && !parameter.Types.HasFlag(JmesTypes.Null))
        {
            Report(
                TypeIssueKind.PossibleNull,
                argument.Position,
                $"{call.Function.Name}() ${parameter.Name} must be {ArgumentTypes.Describe(parameter.Types)}, this may be null.");
        }
    }

    private static bool IsText(JmesType type) => type is EnumType || type == JmesType.String || type == JmesType.Timestamp;

    private static string Named(JmesType type) => TypeRelations.Named(type);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private void Report(TypeIssueKind kind, int position, string message) => _issues.Add(new(kind, position, message, _text));
}
