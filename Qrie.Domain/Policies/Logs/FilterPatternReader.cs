namespace Qrie.Domain.Policies.Logs;

/// <summary>Reads <c>{ ($.a = "x") || ($.b != 1 &amp;&amp; $.c NOT EXISTS) }</c>; <c>&amp;&amp;</c> binds tighter than <c>||</c>.</summary>
internal sealed class FilterPatternReader(string text, int mostConditions)
{
    private const int DeepestNesting = 100;
    private static readonly string[] _operators = ["!=", "<=", ">=", "=", "<", ">"];
    private static readonly string[][] _words = [["NOT", "EXISTS"], ["EXISTS"], ["IS", "NULL"], ["IS", "TRUE"], ["IS", "FALSE"]];

    private int _at;
    private int _depth;

    /// <exception cref="FormatException">The text is not such a pattern.</exception>
    public IReadOnlyList<IReadOnlySet<FilterTerm>> Read()
    {
        Expect("{");
        var alternatives = ReadAlternatives();
        Expect("}");
        SkipBlanks();
        return _at == text.Length ? alternatives : throw new FormatException($"Nothing may follow the closing brace, at {_at}.");
    }

    private List<IReadOnlySet<FilterTerm>> ReadAlternatives()
    {
        var all = ReadConditions();
        while (Accept("||"))
        {
            all.AddRange(ReadConditions());
        }

        return Checked(all);
    }

    private List<IReadOnlySet<FilterTerm>> ReadConditions()
    {
        var all = ReadOne();
        while (Accept("&&"))
        {
            var next = ReadOne();
            if ((long)all.Count * next.Count > mostConditions)
            {
                throw new FormatException("It expands to too many conditions.");
            }

            all = Checked([.. all.SelectMany(_ => next, IReadOnlySet<FilterTerm> (left, right) => left.Concat(right).ToHashSet())]);
        }

        return all;
    }

    private List<IReadOnlySet<FilterTerm>> ReadOne()
    {
        if (!Accept("("))
        {
            return [new HashSet<FilterTerm> { ReadTerm() }];
        }

        if (++_depth > DeepestNesting)
        {
            throw new FormatException("It is nested too deeply.");
        }

        var inside = ReadAlternatives();
        Expect(")");
        _depth--;
        return inside;
    }

    private FilterTerm ReadTerm()
    {
        SkipBlanks();
        var selector = ReadWhile(static c => !char.IsWhiteSpace(c) && !"=!<>(){}&|".Contains(c));
        if (!selector.StartsWith('$'))
        {
            throw new FormatException($"A condition begins with '$', at {_at}.");
        }

        if (_words.FirstOrDefault(AcceptWords) is { } words)
        {
            return new FilterTerm(selector, string.Join(' ', words), "", IsRegex: false);
        }

        var how = _operators.FirstOrDefault(Accept) ?? throw new FormatException($"There is no operator after {selector}, at {_at}.");
        SkipBlanks();
        return (_at < text.Length ? text[_at] : '\0') switch
        {
            '"' => new FilterTerm(selector, how, ReadQuoted('"'), IsRegex: false),
            '%' => new FilterTerm(selector, how, ReadQuoted('%'), IsRegex: true),
            _ => new FilterTerm(selector, how, ReadPlain(), IsRegex: false),
        };
    }

    private string ReadQuoted(char quote)
    {
        var value = new System.Text.StringBuilder();
        for (_at++; _at < text.Length && text[_at] != quote; _at++)
        {
            if (quote == '"' && text[_at] == '\\' && _at + 1 < text.Length)
            {
                _at++;
            }

            value.Append(text[_at]);
        }

        Expect(quote.ToString());
        return value.ToString();
    }

    private string ReadPlain() => ReadWhile(static c => !char.IsWhiteSpace(c) && !"(){}&|".Contains(c)) is { Length: > 0 } value
        ? value
        : throw new FormatException($"A value is missing, at {_at}.");

    private string ReadWhile(Func<char, bool> belongs)
    {
        var start = _at;
        while (_at < text.Length && belongs(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }

    private bool AcceptWords(string[] words)
    {
        var start = _at;
        if (words.All(Accept))
        {
            return true;
        }

        _at = start;
        return false;
    }

    private bool Accept(string token)
    {
        SkipBlanks();
        if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0)
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private void Expect(string token)
    {
        if (!Accept(token))
        {
            throw new FormatException($"'{token}' is missing, at {_at}.");
        }
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private List<IReadOnlySet<FilterTerm>> Checked(List<IReadOnlySet<FilterTerm>> alternatives) =>
        alternatives.Sum(a => (long)a.Count) <= mostConditions ? alternatives : throw new FormatException("It expands to too many conditions.");
}
