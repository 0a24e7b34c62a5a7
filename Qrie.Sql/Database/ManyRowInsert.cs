using System.Text.RegularExpressions;

namespace Qrie.Sql.Database;

/// <summary>
/// An <c>INSERT … VALUES (…)</c> of one row, as one of any number of rows: each parameter becomes an array. PostgreSQL spends more time on executing a
/// statement than on a row (docs/benchmarks.md).
/// </summary>
internal sealed partial class ManyRowInsert
{
    private readonly string _target;
    private readonly string _values;
    private readonly string _conflict;
    private readonly IReadOnlyList<string> _names;

    private ManyRowInsert(string target, string values, string conflict, IReadOnlyList<string> names, IReadOnlyList<int>? key)
    {
        (_target, _values, _conflict, _names, Key) = (target, values, conflict, names, key);
    }

    /// <summary>
    /// The parameters that tell which row of the database an inserted one replaces: a statement may not replace the same row twice. Null if it replaces none.
    /// </summary>
    public IReadOnlyList<int>? Key { get; }

    /// <summary>Null if the statement cannot be one of many rows: it is no insert, or uses parameters elsewhere than among its values.</summary>
    /// <param name="names">The names of the parameters.</param>
    public static ManyRowInsert? Of(string sql, IReadOnlyList<string> names)
    {
        var parts = Insert().Match(sql);
        if (!parts.Success || parts.Groups["conflict"].Value.Contains('@', StringComparison.Ordinal))
        {
            return null;
        }

        var (columns, values) = (Split(parts.Groups["columns"].Value), Split(parts.Groups["values"].Value));
        if (columns.Length != values.Length)
        {
            return null; // a value with a comma in it
        }

        List<int>? key = null;
        if (parts.Groups["key"] is { Success: true } replaced)
        {
            key = [];
            foreach (var column in Split(replaced.Value))
            {
                var value = values[Array.IndexOf(columns, column)];
                if (IndexOf(names, value.TrimStart('@')) is >= 0 and var at)
                {
                    key.Add(at);
                }
                else if (value.Contains('@', StringComparison.Ordinal))
                {
                    return null;
                }
            }
        }

        return new ManyRowInsert(parts.Groups["target"].Value, parts.Groups["values"].Value, parts.Groups["conflict"].Value, names, key);
    }

    /// <summary>The statement for arrays; a parameter without a type is null in all rows and not sent.</summary>
    /// <param name="types">PostgreSQL's name of the type of each parameter.</param>
    public string Text(IReadOnlyList<string?> types)
    {
        var sent = Enumerable.Range(0, types.Count).Where(i => types[i] is not null).ToList();
        var values = PostgresRows.Named().Replace(
            _values, match => IndexOf(_names, match.Groups[1].Value) is var at && types[at] is not null ? $"r.p{at}" : "NULL");
        var arrays = string.Join(", ", sent.Select((at, n) => $"${n + 1}::{types[at]}[]"));
        return $"{_target} SELECT {values} FROM unnest({arrays}) AS r({string.Join(", ", sent.Select(at => $"p{at}"))}) {_conflict}";
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries);

    [GeneratedRegex(
        """
        ^\s*(?<target>INSERT\ INTO\ \w+\s*\((?<columns>[\w\s,]+)\))\s*
        VALUES\s*\((?<values>[^()]+)\)\s*
        (?<conflict>|ON\ CONFLICT\ (\((?<key>[\w\s,]+)\)\ )?DO\ (NOTHING|UPDATE\ SET\s.+))\s*$
        """,
        RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Insert();
}
