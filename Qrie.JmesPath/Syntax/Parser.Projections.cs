using System.Globalization;
using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Syntax;

// Projections: stars, slices, flattens and filters, with the parts that apply to each element; and indexes, which have a similar syntax.
internal sealed partial class Parser
{
    /// <summary>Anything with at least this binding power belongs to the projection; anything weaker applies to the projected list.</summary>
    private const int EndsProjection = 10;
    private const int ProjectionBody = 20;

    /// <summary>
    /// The part of a projection that applies to each element: all following dots, brackets and filters. A flatten ends it, because it applies to the list of
    /// results.
    /// </summary>
    private Node ProjectionTail()
    {
        if (Operators.Strength(Current.Kind) < EndsProjection)
        {
            return new CurrentNode(Current.Position);
        }

        Enter();
        var node = Current.Kind is TokenKind.Dot ? TakeDot() : Limited(Continue(new CurrentNode(Current.Position)));
        while (Operators.Strength(Current.Kind) > ProjectionBody)
        {
            node = Limited(Continue(node));
        }

        _depth--;
        return node;
    }

    private Node TakeDot()
    {
        Take();
        return AfterDot(ProjectionBody);
    }

    private Node Bracket(Token open, Node source)
    {
        switch (Current.Kind)
        {
            case TokenKind.Star:
                Take();
                Expect(TokenKind.CloseBracket, "a closing ]");
                return new ListProjectionNode(open.Position, source, ProjectionTail());
            case TokenKind.Number when Next.Kind is TokenKind.CloseBracket:
                var index = new IndexNode(open.Position, source, Integer());
                Take();
                return index;
            case TokenKind.Number or TokenKind.Colon:
                return SliceOf(open, source);
            default:
                throw Unexpected("a number, a slice or * in the brackets");
        }
    }

    private SliceProjectionNode SliceOf(Token open, Node source)
    {
        Span<int?> bounds = [null, null, null];
        var place = 0;
        while (Current.Kind is not TokenKind.CloseBracket)
        {
            if (Current.Kind is TokenKind.Number && bounds[place] is null)
            {
                bounds[place] = Integer();
            }
            else if (Current.Kind is TokenKind.Colon && place < 2)
            {
                Take();
                place++;
            }
            else
            {
                throw Unexpected("a slice [start:stop:step]");
            }
        }

        Take();
        return bounds[2] == 0
            ? throw new JmesPathException(JmesErrorKind.InvalidValue, "The step of a slice cannot be 0.", _text, open.Position)
            : new(open.Position, source, new Slice(bounds[0], bounds[1], bounds[2] ?? 1), ProjectionTail());
    }

    /// <summary>A number beyond the range of an int has the same effect as the largest int.</summary>
    private int Integer()
    {
        var digits = Take().Text;
        return int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : digits[0] is '-' ? int.MinValue : int.MaxValue;
    }

    private FlattenProjectionNode Flatten(Token token, Node source) =>
        new(token.Position, source, ProjectionTail());

    private FilterProjectionNode Filter(Token token, Node source)
    {
        var condition = Expression(AnyStrength);
        Expect(TokenKind.CloseBracket, "a closing ]");
        var start = _at;
        var tail = ProjectionTail();
        if (_tokens[start].Kind is not TokenKind.Filter && IndexOf(start, kind => kind is TokenKind.Filter) is { } second)
        {
            _notes.Add(new(
                _tokens[second].Position,
                "A filter after another filter's path is applied to each element here and to the list of results in other JMESPath engines.",
                "Write a[?x] | [*].b[?y] instead of a[?x].b[?y]."));
        }

        return new(token.Position, source, condition, tail);
    }
}
