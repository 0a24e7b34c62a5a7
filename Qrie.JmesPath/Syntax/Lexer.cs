using System.Text;
using System.Text.Json;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Syntax;

/// <summary>Splits an expression into tokens.</summary>
internal sealed class Lexer(string text)
{
    private const char Minus = '\u2212';
    private const char Times = '\u00D7';
    private const char DividedBy = '\u00F7';

    private readonly List<Token> _tokens = [];
    private int _at;

    public static List<Token> Read(string text)
    {
        var lexer = new Lexer(text);
        while (lexer._at < text.Length)
        {
            lexer.ReadOne();
        }

        lexer.Add(TokenKind.End, text.Length);
        return lexer._tokens;
    }

    private void ReadOne()
    {
        var c = text[_at];
        if (c is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
        else if (char.IsAsciiLetter(c) || c is '_')
        {
            var start = _at;
            Add(TokenKind.Identifier, start, Name());
        }
        else if (char.IsAsciiDigit(c) || (c is '-' && char.IsAsciiDigit(Peek(1))))
        {
            Number();
        }
        else
        {
            ReadSymbol(c);
        }
    }

    private void ReadSymbol(char c)
    {
        switch (c)
        {
            case '"':
                Quoted();
                break;
            case '\'':
                RawString();
                break;
            case '`':
                Literal();
                break;
            case '$':
                Dollar();
                break;
            case '[':
                Symbol(Peek(1) switch { '?' => TokenKind.Filter, ']' => TokenKind.Flatten, _ => TokenKind.OpenBracket });
                break;
            case '|':
                Symbol(Peek(1) is '|' ? TokenKind.Or : TokenKind.Pipe);
                break;
            case '&':
                Symbol(Peek(1) is '&' ? TokenKind.And : TokenKind.Reference);
                break;
            case '=':
                Symbol(Peek(1) is '=' ? TokenKind.Equal : TokenKind.Assign);
                break;
            case '!':
                Symbol(Peek(1) is '=' ? TokenKind.NotEqual : TokenKind.Not);
                break;
            case '<':
                Symbol(Peek(1) is '=' ? TokenKind.LessOrEqual : TokenKind.Less);
                break;
            case '>':
                Symbol(Peek(1) is '=' ? TokenKind.GreaterOrEqual : TokenKind.Greater);
                break;
            case '/':
                Symbol(Peek(1) is '/' ? TokenKind.IntegerDivide : TokenKind.Divide);
                break;
            default:
                Symbol(Single(c) ?? throw Error($"'{c}' has no meaning here.", _at));
                break;
        }
    }

    private static TokenKind? Single(char c) => c switch
    {
        '.' => TokenKind.Dot,
        '*' => TokenKind.Star,
        ']' => TokenKind.CloseBracket,
        '{' => TokenKind.OpenBrace,
        '}' => TokenKind.CloseBrace,
        '(' => TokenKind.OpenParen,
        ')' => TokenKind.CloseParen,
        ',' => TokenKind.Comma,
        ':' => TokenKind.Colon,
        '?' => TokenKind.Question,
        '@' => TokenKind.Current,
        '+' => TokenKind.Plus,
        '-' or Minus => TokenKind.Minus,
        '%' => TokenKind.Modulo,
        Times => TokenKind.Multiply,
        DividedBy => TokenKind.Divide,
        _ => null,
    };

    private void Symbol(TokenKind kind)
    {
        Add(kind, _at);
        _at += kind is TokenKind.Filter or TokenKind.Flatten or TokenKind.Or or TokenKind.And or TokenKind.Equal or TokenKind.NotEqual
            or TokenKind.LessOrEqual or TokenKind.GreaterOrEqual or TokenKind.IntegerDivide ? 2 : 1;
    }

    private void Number()
    {
        var start = _at++;
        while (char.IsAsciiDigit(Peek(0)))
        {
            _at++;
        }

        Add(TokenKind.Number, start, text[start.._at]);
    }

    private void Dollar()
    {
        var start = _at++;
        if (char.IsAsciiLetter(Peek(0)) || Peek(0) is '_')
        {
            Add(TokenKind.Variable, start, Name());
        }
        else
        {
            Add(TokenKind.Root, start);
        }
    }

    private void Quoted()
    {
        var start = _at;
        SkipTo('"', "quoted name");
        try
        {
            Add(TokenKind.QuotedIdentifier, start, JsonText.Parse(Encoding.UTF8.GetBytes(text[start.._at])).GetString()!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Error("The quoted name is not a JSON string.", start);
        }
    }

    private void RawString()
    {
        var start = _at;
        SkipTo('\'', "string");
        var value = new StringBuilder();
        for (var i = start + 1; i < _at - 1; i++)
        {
            // Only these two are escapes; any other backslash stays.
            i += text[i] is '\\' && text[i + 1] is '\'' or '\\' ? 1 : 0;
            value.Append(text[i]);
        }

        Add(TokenKind.Literal, start, value: JmesValue.FromString(value.ToString()));
    }

    private void Literal()
    {
        var start = _at;
        SkipTo('`', "literal");
        var json = new StringBuilder();
        for (var i = start + 1; i < _at - 1; i++)
        {
            if (text[i] is '\\')
            {
                json.Append(text[i + 1] is '`' ? "" : "\\").Append(text[i + 1]);
                i++;
            }
            else
            {
                json.Append(text[i]);
            }
        }

        try
        {
            var element = JsonText.Parse(Encoding.UTF8.GetBytes(json.ToString()));
            Add(TokenKind.Literal, start, value: Unboxed(element));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Error("The literal between the backticks is not JSON; a string is written '…' or `\"…\"`.", start);
        }
    }

    /// <summary>Strings and whole numbers are converted once, not at each evaluation. Other numbers keep their notation.</summary>
    private static JmesValue Unboxed(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => JmesValue.FromString(element.GetString()),
        JsonValueKind.Number when element.TryGetInt32(out var number) => JmesValue.FromNumber(number),
        _ => element,
    };

    /// <summary>Moves past the next occurrence of the character that is not preceded by a backslash.</summary>
    private void SkipTo(char closing, string what)
    {
        var start = _at++;
        while (_at < text.Length && text[_at] != closing)
        {
            _at += text[_at] is '\\' ? 2 : 1;
        }

        if (_at >= text.Length)
        {
            throw Error($"The {what} that begins here has no closing {closing}.", start);
        }

        _at++;
    }

    private string Name()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek(0)) || Peek(0) is '_')
        {
            _at++;
        }

        return text[start.._at];
    }

    private char Peek(int offset) => _at + offset < text.Length ? text[_at + offset] : '\0';

    private void Add(TokenKind kind, int position, string name = "", JmesValue value = default) => _tokens.Add(new(kind, position, name, value));

    private JmesPathException Error(string reason, int position) => new(JmesErrorKind.Syntax, reason, text, position);
}
