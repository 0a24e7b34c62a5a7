using System.Text;

namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// A pattern of the policy language: <c>*</c> any text, <c>?</c> one character. In the first five parts of an ARN compared by an ARN operator neither
/// stands for a colon (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
/// </summary>
internal sealed class Glob
{
    // Private-use characters, so that a written star or question mark can also be meant literally (${*}, ${?}).
    private const char Any = '\uE000';
    private const char One = '\uE001';
    private const char AnyOfPart = '\uE002';
    private const char OneOfPart = '\uE003';
    private const int ArnParts = 6;

    private readonly string _tokens;

    private Glob(string tokens, bool ignoreCase)
    {
        _tokens = ignoreCase ? tokens.ToLowerInvariant() : tokens;
        IgnoreCase = ignoreCase;
        IsLiteral = _tokens.AsSpan().IndexOfAnyInRange(Any, OneOfPart) < 0;
    }

    /// <summary>Matches every text.</summary>
    public static Glob Everything { get; } = new(Any.ToString(), false);

    public bool IgnoreCase { get; }

    /// <summary>Matches one text only, apart from its case.</summary>
    public bool IsLiteral { get; }

    public bool IsEverything => _tokens.Length > 0 && _tokens.AsSpan().Trim(Any).IsEmpty;

    public int Length => _tokens.Length;

    /// <summary>Of a literal: the text, in small letters where case is ignored.</summary>
    public string Text => _tokens;

    public static Glob Literal(string text, bool ignoreCase = false) => new(text, ignoreCase);

    public static Glob Like(string pattern, bool ignoreCase = false) => new(Tokens(pattern, Any, One), ignoreCase);

    /// <summary>As an ARN operator compares: part by part. Null: the pattern is no ARN.</summary>
    public static Glob? Arn(string pattern)
    {
        var parts = pattern.Split(':', ArnParts);
        return parts.Length < ArnParts
            ? null
            : new Glob(string.Join(':', parts[..^1].Select(part => Tokens(part, AnyOfPart, OneOfPart))) + ":" + Tokens(parts[^1], Any, One), false);
    }

    /// <summary>Neither star nor question mark stands for a colon.</summary>
    public static Glob WithinParts(string pattern) => new(Tokens(pattern, AnyOfPart, OneOfPart), false);

    /// <summary>The identities of an account, which is itself a pattern: what <c>aws:PrincipalAccount</c> says, said of <c>aws:PrincipalArn</c>.</summary>
    public static Glob IdentitiesOf(string account) =>
        new($"arn:{AnyOfPart}:{AnyOfPart}:{AnyOfPart}:{Tokens(account, AnyOfPart, OneOfPart)}:{Any}", false);

    public bool Matches(string text)
    {
        var ignoreCase = IgnoreCase;
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            var c = ignoreCase ? char.ToLowerInvariant(text[t]) : text[t];
            if (p < _tokens.Length && _tokens[p] is Any or AnyOfPart)
            {
                star = p++;
                mark = t;
            }
            else if (p < _tokens.Length && Takes(_tokens[p], c))
            {
                p++;
                t++;
            }
            else if (star >= 0 && (_tokens[star] == Any || text[mark] is not (':' or Any or One)))
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        return _tokens.AsSpan(p).Trim([Any, AnyOfPart]).IsEmpty;
    }

    /// <summary>Whether every text that the other matches is matched. May say no although it is so, never the other way round.</summary>
    public bool Covers(Glob other) => IsEverything || ((!other.IgnoreCase || IgnoreCase) && Matches(other._tokens));

    /// <summary>Texts that the pattern matches, with what is open filled in by different fillers.</summary>
    public IEnumerable<string> Samples()
    {
        if (IsLiteral)
        {
            yield return _tokens;
            yield break;
        }

        foreach (var filler in s_fillers)
        {
            var text = new StringBuilder(_tokens.Length + 16);
            foreach (var c in _tokens)
            {
                text.Append(c switch { Any or AnyOfPart => filler, One or OneOfPart => "Q", _ => c.ToString() });
            }

            yield return text.ToString();
        }
    }

    /// <summary>What no document holds: long enough for patterns of several question marks.</summary>
    private static readonly string[] s_fillers = ["Qz9-unnamed-7fK2", "", "7", "Qz9/Qz9-unnamed-7fK2/7", "Qz9:unnamed:7fK2:7"];

    public IEnumerable<char> Letters()
    {
        foreach (var c in _tokens)
        {
            if (c is < Any or > OneOfPart)
            {
                yield return c;
                if (IgnoreCase && char.ToUpperInvariant(c) != c)
                {
                    yield return char.ToUpperInvariant(c);
                }
            }
        }
    }

    /// <summary>The places in the pattern before any character was read, each bit a place.</summary>
    public UInt128 Begin() => Skip(UInt128.One);

    /// <summary>The places after one more character.</summary>
    public UInt128 Step(UInt128 places, char c)
    {
        c = IgnoreCase ? char.ToLowerInvariant(c) : c;
        var next = UInt128.Zero;
        for (var i = 0; i < _tokens.Length; i++)
        {
            if ((places >> i & UInt128.One) == UInt128.Zero)
            {
                continue;
            }

            var token = _tokens[i];
            if (token == Any || (token == AnyOfPart && c != ':'))
            {
                next |= UInt128.One << i;
            }
            else if (Takes(token, c))
            {
                next |= UInt128.One << (i + 1);
            }
        }

        return Skip(next);
    }

    public bool Ends(UInt128 places) => (places >> _tokens.Length & UInt128.One) != UInt128.Zero;

    private UInt128 Skip(UInt128 places)
    {
        for (var i = 0; i < _tokens.Length; i++)
        {
            if (_tokens[i] is Any or AnyOfPart && (places >> i & UInt128.One) != UInt128.Zero)
            {
                places |= UInt128.One << (i + 1);
            }
        }

        return places;
    }

    /// <summary>The character may itself be a wildcard, of a pattern that is to be covered.</summary>
    private static bool Takes(char token, char c) => token switch
    {
        Any or AnyOfPart => false,
        One => c is not (Any or AnyOfPart),
        OneOfPart => c is not (':' or Any or AnyOfPart or One),
        _ => token == c,
    };

    private static string Tokens(string pattern, char any, char one)
    {
        if (pattern.AsSpan().IndexOfAny('*', '?', '$') < 0)
        {
            return pattern;
        }

        if (!pattern.Contains('$', StringComparison.Ordinal))
        {
            return pattern.Replace('*', any).Replace('?', one);
        }

        return pattern.Replace("${*}", "\uE010", StringComparison.Ordinal).Replace("${?}", "\uE011", StringComparison.Ordinal)
            .Replace("${$}", "$", StringComparison.Ordinal)
            .Replace('*', any).Replace('?', one).Replace('\uE010', '*').Replace('\uE011', '?');
    }
}
