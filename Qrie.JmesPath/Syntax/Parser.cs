using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.JmesPath.Evaluation;
using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath.Syntax;

/// <summary>The result of parsing.</summary>
/// <param name="Body">The tree.</param>
/// <param name="Slots">The number of slots for let expressions.</param>
/// <param name="Functions">The functions called.</param>
/// <param name="Variables">The variables that the caller has to bind.</param>
/// <param name="Notes">What other engines parse differently.</param>
internal sealed record ParsedExpression(
    Node Body, int Slots, IReadOnlyCollection<JmesFunction> Functions, IReadOnlyCollection<string> Variables, IReadOnlyList<JmesPathNote> Notes);

/// <summary>A precedence-climbing parser: each token has a left binding power.</summary>
internal sealed partial class Parser
{
    private const int AnyStrength = 0;
    private const int AbovePipe = 1;
    private const int AboveArithmetic = 8;

    private readonly string _text;
    private readonly JmesPathOptions _options;
    private readonly List<Token> _tokens;
    private readonly Dictionary<string, JmesFunction> _functions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Slot)> _scope = [];
    private readonly List<JmesPathNote> _notes = [];
    private int _slots;
    private int _at;
    private int _depth;

    private Parser(string text, JmesPathOptions options)
    {
        _text = text;
        _options = options;
        _tokens = Lexer.Read(text);
    }

    private Token Current => _tokens[_at];

    private Token Next => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    public static ParsedExpression Parse(string text, JmesPathOptions options)
    {
        if (text.Length > options.MaxExpressionLength)
        {
            throw new JmesPathException(
                JmesErrorKind.LimitExceeded,
                string.Create(CultureInfo.InvariantCulture, $"The expression is longer than {options.MaxExpressionLength} characters."),
                text,
                options.MaxExpressionLength);
        }

        var parser = new Parser(text, options);
        var body = parser.Expression(AnyStrength);
        return parser.Current.Kind is TokenKind.End
            ? new(body, parser._slots, parser._functions.Values, parser._variables, parser._notes)
            : throw parser.Unexpected("the end of the expression");
    }

    private Node Expression(int strength)
    {
        Enter();
        var node = First();
        while (Operators.Strength(Current.Kind) > strength)
        {
            node = Limited(Continue(node));
        }

        _depth--;
        return Limited(node);
    }

    /// <summary>Parses the start of an expression.</summary>
    private Node First()
    {
        var start = _at;
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return token.Text is "let" && Current.Kind is TokenKind.Variable ? Let(token) : NameOrCall(token);
            case TokenKind.QuotedIdentifier:
                return Current.Kind is TokenKind.OpenParen
                    ? throw Error("A quoted name cannot be called; function names are written without quotes.", token.Position)
                    : new FieldNode(token.Position, token.Text);
            case TokenKind.Literal:
                return new LiteralNode(token.Position, token.Value);
            case TokenKind.Current:
                return new CurrentNode(token.Position);
            case TokenKind.Root:
                return new RootNode(token.Position);
            case TokenKind.Variable:
                return Variable(token);
            case TokenKind.Star:
                return new ObjectProjectionNode(token.Position, new CurrentNode(token.Position), ProjectionTail());
            case TokenKind.Not:
                return new NotNode(token.Position, Operand(token));
            case TokenKind.Plus or TokenKind.Minus:
                return new SignNode(token.Position, token.Kind is TokenKind.Minus, Operand(token));
            case TokenKind.OpenParen:
                var inner = Expression(AnyStrength);
                Expect(TokenKind.CloseParen, "a closing )");
                return inner;
            case TokenKind.OpenBrace:
                return MultiSelectHash(token);
            case TokenKind.OpenBracket:
                return Current.Kind is TokenKind.Number or TokenKind.Colon || (Current.Kind is TokenKind.Star && Next.Kind is TokenKind.CloseBracket)
                    ? Bracket(token, new CurrentNode(token.Position))
                    : MultiSelectList(token);
            case TokenKind.Flatten:
                return Flatten(token, new CurrentNode(token.Position));
            case TokenKind.Filter:
                return Filter(token, new CurrentNode(token.Position));
            default:
                _at = start;
                throw Unexpected("an expression");
        }
    }

    /// <summary>Parses the continuation of an expression.</summary>
    private Node Continue(Node left)
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Dot when Current.Kind is TokenKind.Star:
                return new ObjectProjectionNode(Take().Position, left, ProjectionTail());
            case TokenKind.Dot:
                return new SubNode(left, AfterDot(Operators.DotStrength));
            case TokenKind.Pipe:
                return new PipeNode(left, Expression(Operators.Strength(token.Kind)));
            case TokenKind.Or:
                return new OrNode(left, Expression(Operators.Strength(token.Kind)));
            case TokenKind.And:
                return new AndNode(left, Expression(Operators.Strength(token.Kind)));
            case TokenKind.Question:
                var then = Expression(AnyStrength);
                Expect(TokenKind.Colon, "a : between the two results");
                return new ConditionalNode(left, then, Expression(AbovePipe));
            case TokenKind.Flatten:
                return Flatten(token, left);
            case TokenKind.Filter:
                return Filter(token, left);
            case TokenKind.OpenBracket:
                return Bracket(token, left);
            default:
                var right = Expression(Operators.Strength(token.Kind));
                return Operators.ComparisonOf(token.Kind) is { } comparison
                    ? new ComparisonNode(token.Position, comparison, left, right)
                    : new ArithmeticNode(token.Position, Operators.ArithmeticOf(token.Kind), left, right);
        }
    }

    /// <summary>The operand of <c>!</c> or a sign.</summary>
    private Node Operand(Token sign)
    {
        var start = _at;
        var operand = Expression(AboveArithmetic);
        if (_tokens[start].Kind is not (TokenKind.Not or TokenKind.Plus or TokenKind.Minus)
            && IndexOf(start, kind => kind is TokenKind.Dot or TokenKind.Filter or TokenKind.Flatten) is not null)
        {
            var text = sign.Kind is TokenKind.Not ? "!" : _text[sign.Position].ToString();
            _notes.Add(new(
                sign.Position, $"{text}a.b is {text}(a.b) here and ({text}a).b in other JMESPath engines.", $"Write {text}(...) around the whole path."));
        }

        return operand;
    }

    /// <summary>The index of the first token from <paramref name="start"/> to the current one, outside of any brackets, that fits; null if none does.</summary>
    private int? IndexOf(int start, Func<TokenKind, bool> fits)
    {
        var depth = 0;
        for (var i = start; i < _at; i++)
        {
            var kind = _tokens[i].Kind;
            if (depth == 0 && fits(kind))
            {
                return i;
            }

            depth += kind switch
            {
                TokenKind.OpenBracket or TokenKind.OpenBrace or TokenKind.OpenParen or TokenKind.Filter => 1,
                TokenKind.CloseBracket or TokenKind.CloseBrace or TokenKind.CloseParen => -1,
                _ => 0,
            };
        }

        return null;
    }

    private Node AfterDot(int strength)
    {
        switch (Current.Kind)
        {
            case TokenKind.Identifier when Current.Text is "let" && Next.Kind is TokenKind.Variable:
                throw Error("A let expression cannot follow a dot; use a pipe.", Current.Position);
            case TokenKind.Identifier or TokenKind.QuotedIdentifier or TokenKind.Star:
                return Expression(strength);
            case TokenKind.OpenBracket:
                return MultiSelectList(Take());
            case TokenKind.OpenBrace:
                return MultiSelectHash(Take());
            default:
                throw Unexpected("a name, *, [ or { after the dot");
        }
    }

    private void Enter()
    {
        if (++_depth > _options.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TooDeep();
        }
    }

    private MultiSelectListNode MultiSelectList(Token open)
    {
        var items = new List<Node>();
        do
        {
            items.Add(Expression(AnyStrength));
        }
        while (TryTake(TokenKind.Comma));
        Expect(TokenKind.CloseBracket, "a comma or a closing ]");
        return new(open.Position, [.. items]);
    }

    private MultiSelectHashNode MultiSelectHash(Token open)
    {
        var members = new List<KeyValuePair<string, Node>>();
        do
        {
            if (Current.Kind is not (TokenKind.Identifier or TokenKind.QuotedIdentifier))
            {
                throw Unexpected("a name");
            }

            var name = Take().Text;
            Expect(TokenKind.Colon, "a : after the name");
            members.Add(new(name, Expression(AnyStrength)));
        }
        while (TryTake(TokenKind.Comma));
        Expect(TokenKind.CloseBrace, "a comma or a closing }");
        return new(open.Position, members);
    }

    private Node NameOrCall(Token name)
    {
        if (!TryTake(TokenKind.OpenParen))
        {
            return new FieldNode(name.Position, name.Text);
        }

        var arguments = new List<Node>();
        if (!TryTake(TokenKind.CloseParen))
        {
            do
            {
                arguments.Add(Argument());
            }
            while (TryTake(TokenKind.Comma));
            Expect(TokenKind.CloseParen, "a comma or a closing )");
        }

        return new FunctionCallNode(name.Position, Function(name, arguments.Count), [.. arguments]);
    }

    private Node Argument()
    {
        var token = Current;
        return TryTake(TokenKind.Reference) ? Limited(new ReferenceNode(token.Position, Expression(AnyStrength))) : Expression(AnyStrength);
    }

    private JmesFunction Function(Token name, int arguments)
    {
        var function = _options.Functions.Find(name.Text)
            ?? throw new JmesPathException(JmesErrorKind.UnknownFunction, $"There is no function {name.Text}().", _text, name.Position);
        if (arguments < function.MinArguments || arguments > function.MaxArguments)
        {
            var wanted = function.MaxArguments == int.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"at least {function.MinArguments}")
                : function.MinArguments == function.MaxArguments
                    ? function.MinArguments.ToString(CultureInfo.InvariantCulture)
                    : string.Create(CultureInfo.InvariantCulture, $"{function.MinArguments} to {function.MaxArguments}");
            var noun = wanted is "1" or "at least 1" ? "argument" : "arguments";
            throw new JmesPathException(
                JmesErrorKind.InvalidArity,
                string.Create(CultureInfo.InvariantCulture, $"{name.Text}() takes {wanted} {noun}, not {arguments}."),
                _text,
                name.Position);
        }

        _functions.TryAdd(function.Name, function);
        return function;
    }

    private LetNode Let(Token let)
    {
        var bindings = new List<Binding>();
        do
        {
            var name = Expect(TokenKind.Variable, "a $variable");
            Expect(TokenKind.Assign, "a =");

            // The names are visible in the body only, so that each value sees the outer bindings.
            bindings.Add(new(name.Text, _slots++, Expression(AnyStrength)));
        }
        while (TryTake(TokenKind.Comma));

        if (Current is not { Kind: TokenKind.Identifier, Text: "in" })
        {
            throw Unexpected("a comma or the word in");
        }

        Take();
        var outer = _scope.Count;
        _scope.AddRange(bindings.Select(b => (b.Name, b.Slot)));
        var body = Expression(AnyStrength);
        _scope.RemoveRange(outer, _scope.Count - outer);
        return new(let.Position, bindings, body);
    }

    private Node Variable(Token token)
    {
        var bound = _scope.FindLastIndex(s => s.Name == token.Text);
        if (bound >= 0)
        {
            return new LocalNode(token.Position, token.Text, _scope[bound].Slot);
        }

        _variables.Add(token.Text);
        return new VariableNode(token.Position, token.Text);
    }

    private Node Limited(Node node) => node.Depth <= _options.MaxDepth ? node : throw TooDeep();

    private Token Take() => _tokens[_at < _tokens.Count - 1 ? _at++ : _at];

    private bool TryTake(TokenKind kind)
    {
        var taken = Current.Kind == kind;
        if (taken)
        {
            Take();
        }

        return taken;
    }

    private Token Expect(TokenKind kind, string wanted) => Current.Kind == kind ? Take() : throw Unexpected(wanted);

    private JmesPathException TooDeep() => new(
        JmesErrorKind.LimitExceeded,
        string.Create(CultureInfo.InvariantCulture, $"The expression is nested deeper than {_options.MaxDepth} levels."),
        _text,
        Current.Position);

    private JmesPathException Unexpected(string wanted)
    {
        var found = Current.Kind is TokenKind.End ? "the end" : $"'{_text[Current.Position..Next.Position].TrimEnd()}'";
        return Error($"Expected {wanted}, found {found}.", Current.Position);
    }

    private JmesPathException Error(string reason, int position) => new(JmesErrorKind.Syntax, reason, _text, position);
}
