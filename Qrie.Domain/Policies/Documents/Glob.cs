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
    private string?[]? _samples;

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

    /// <summary>No letter in it, or case is ignored.</summary>
    public bool IsCaseless => IgnoreCase || !_tokens.Any(char.IsLetter);

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

    /// <summary>
    /// Whether no text matches both, because of how they begin or how they end. May say no although it is so, never the other way round.
    /// </summary>
    public static bool AreApart(Glob one, Glob other)
    {
        var (left, right) = (one._tokens, other._tokens);
        var ignoreCase = one.IgnoreCase || other.IgnoreCase;
        for (var i = 0; i < left.Length && i < right.Length && !IsWildcard(left[i]) && !IsWildcard(right[i]); i++)
        {
            if (Differ(left[i], right[i]))
            {
                return true;
            }
        }

        for (var i = 1; i <= left.Length && i <= right.Length && !IsWildcard(left[^i]) && !IsWildcard(right[^i]); i++)
        {
            if (Differ(left[^i], right[^i]))
            {
                return true;
            }
        }

        return false;

        bool Differ(char l, char r) => l != r && !(ignoreCase && char.ToLowerInvariant(l) == char.ToLowerInvariant(r));
    }

    private static bool IsWildcard(char token) => token is >= Any and <= OneOfPart;

    /// <summary>Texts that the pattern matches, with what is open filled in by different fillers; some may not match it.</summary>
    public string Sample(int number)
    {
        if (IsLiteral)
        {
            return _tokens;
        }

        _samples ??= new string?[s_fillers.Length];
        return _samples[number] ??= Filled(s_fillers[number]);
    }

    public int SampleCount => IsLiteral ? 1 : s_fillers.Length;

    /// <summary>What no document holds: long enough for patterns of several question marks.</summary>
    private static readonly string[] s_fillers = ["Qz9-unnamed-7fK2", "", "7", "Qz9/Qz9-unnamed-7fK2/7", "Qz9:unnamed:7fK2:7"];

    private string Filled(string filler)
    {
        var text = new StringBuilder(_tokens.Length + filler.Length);
        foreach (var c in _tokens)
        {
            _ = c switch
            {
                Any or AnyOfPart => text.Append(filler),
                One or OneOfPart => text.Append('Q'),
                _ => text.Append(c),
            };
        }

        return text.ToString();
    }

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

    /// <summary>The places in the pattern, each a bit, from which a character leads to the next one, and those at which it stays.</summary>
    public (UInt128 On, UInt128 Stay) Moves(char c)
    {
        c = IgnoreCase ? char.ToLowerInvariant(c) : c;
        var (on, stay) = (UInt128.Zero, UInt128.Zero);
        for (var i = 0; i < _tokens.Length; i++)
        {
            var token = _tokens[i];
            if (token == Any || (token == AnyOfPart && c != ':'))
            {
                stay |= UInt128.One << i;
            }
            else if (Takes(token, c))
            {
                on |= UInt128.One << i;
            }
        }

        return (on, stay);
    }

    public bool Ends(UInt128 places) => (places >> _tokens.Length & UInt128.One) != UInt128.Zero;

    /// <summary>The places of the stars.</summary>
    public UInt128 Stars()
    {
        var stars = UInt128.Zero;
        for (var i = 0; i < _tokens.Length; i++)
        {
            stars |= _tokens[i] is Any or AnyOfPart ? UInt128.One << i : UInt128.Zero;
        }

        return stars;
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
