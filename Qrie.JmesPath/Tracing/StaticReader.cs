using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Tracing;

/// <summary>
/// Determines what an expression could read of its root, by following where the root could be passed. Both branches count, and a value that might be the root
/// is treated as the root.
/// </summary>
internal sealed class StaticReader
{
    private readonly HashSet<string> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Place> _slots = [];
    private bool _whole;

    private StaticReader()
    {
    }

    private enum Place
    {
        /// <summary>Not the root.</summary>
        Elsewhere,

        /// <summary>Possibly the root, or a value that contains it.</summary>
        MayHoldRoot,

        /// <summary>The root itself.</summary>
        Root,
    }

    public static StaticReads Read(Node body)
    {
        var reader = new StaticReader();
        reader.Consume(reader.Visit(body, Place.Root));
        return new(reader._members, reader._whole);
    }

    private static Place Join(Place left, Place right) => left == right ? left : Place.MayHoldRoot;

    private Place Visit(Node node, Place current)
    {
        switch (node)
        {
            case CurrentNode:
                return current;
            case RootNode:
                return Place.Root;
            case FieldNode field:
                if (current is not Place.Elsewhere)
                {
                    _members.Add(field.Name);
                }

                return current is Place.MayHoldRoot ? current : Place.Elsewhere;
            case SubNode sub:
                return Visit(sub.Right, Visit(sub.Left, current));
            case PipeNode pipe:
                return Visit(pipe.Right, Visit(pipe.Left, current));
            case IndexNode index:
                return Part(Visit(index.Source, current));
            case ProjectionNode projection:
                return VisitProjection(projection, current);
            case LocalNode local:
                return _slots[local.Slot];
            case LetNode let:
                foreach (var binding in let.Bindings)
                {
                    _slots[binding.Slot] = Visit(binding.Value, current);
                }

                return Visit(let.Body, current);
            case MultiSelectListNode list:
                return Held([.. list.Items.Select(i => Visit(i, current))]);
            case MultiSelectHashNode hash:
                return Held([.. hash.Members.Select(m => Visit(m.Value, current))]);
            case FunctionCallNode call:
                return VisitCall(call, current);
            default:
                return VisitOperator(node, current);
        }
    }

    private Place VisitOperator(Node node, Place current)
    {
        switch (node)
        {
            case AndNode and:
                return Tested(Visit(and.Left, current), Visit(and.Right, current));
            case OrNode or:
                return Tested(Visit(or.Left, current), Visit(or.Right, current));
            case ConditionalNode conditional:
                Consume(Visit(conditional.Condition, current));
                return Join(Visit(conditional.Then, current), Visit(conditional.Otherwise, current));
            case NotNode not:
                return Consume(Visit(not.Operand, current));
            case SignNode sign:
                return Consume(Visit(sign.Inner, current));
            case ComparisonNode comparison:
                Consume(Visit(comparison.Left, current));
                return Consume(Visit(comparison.Right, current));
            case ArithmeticNode arithmetic:
                Consume(Visit(arithmetic.Left, current));
                return Consume(Visit(arithmetic.Right, current));
            default:
                return Place.Elsewhere; // literals and the caller's variables
        }
    }

    private Place VisitProjection(ProjectionNode projection, Place current)
    {
        var item = Part(Visit(projection.Source, current));
        if (projection is FilterProjectionNode filter)
        {
            Consume(Visit(filter.Condition, item));
        }

        return Held([Visit(projection.Body, item)]);
    }

    private Place VisitCall(FunctionCallNode call, Place current)
    {
        var held = Held([.. call.Arguments.Where(a => a is not ReferenceNode).Select(a => Visit(a, current))]);
        Consume(held);
        foreach (var reference in call.Arguments.OfType<ReferenceNode>())
        {
            // Its result is read (keys are compared, an invalid one is named in an error), and may be part of the function's result:
            // map(&$, list) contains the root.
            var given = Visit(reference.Body, held);
            Consume(given);
            held = Held([held, given]);
        }

        return held;
    }

    /// <summary>A part of a value. For the root itself, the whole is read, because it would have to be a list.</summary>
    private Place Part(Place whole)
    {
        _whole |= whole is not Place.Elsewhere;
        return whole is Place.MayHoldRoot ? whole : Place.Elsewhere;
    }

    private static Place Held(ReadOnlySpan<Place> parts) =>
        parts.ContainsAnyExcept(Place.Elsewhere) ? Place.MayHoldRoot : Place.Elsewhere;

    private Place Tested(Place left, Place right)
    {
        Consume(left);
        return Join(left, right);
    }

    /// <summary>Records that a value is read as a whole; the result is no longer the root.</summary>
    private Place Consume(Place place)
    {
        _whole |= place is not Place.Elsewhere;
        return Place.Elsewhere;
    }
}
