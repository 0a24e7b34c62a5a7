using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Qrie.Tests.Policies.Documents;

/// <summary>A caller whose requests are tried: the principal, and for each key the possible values of its requests, null for none.</summary>
internal sealed record TriedCaller(string Kind, string? Arn, string? Account)
{
    public required IReadOnlyDictionary<string, string[]?[]> Keys { get; init; }

    /// <summary>Only an Allow that names the caller counts.</summary>
    public bool IsNamed { get; init; }

    /// <summary>A service acting for another caller counts only for statements about services.</summary>
    public bool OnlyAboutSources => Kind == "Service";
}

/// <summary>
/// The documented evaluation of single requests, written for tests and independent of the tested code: a request is allowed if an Allow matches and no Deny
/// does (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). All given actions, resources and combinations of key
/// values are tried.
/// </summary>
internal sealed class RequestReference
{
    private readonly Statement[] _statements;
    private readonly string[] _keys;

    public RequestReference(JsonElement document, IReadOnlyList<string> actions, IReadOnlyList<string> resources)
    {
        _statements = [.. document.GetProperty("Statement").EnumerateArray().Select(statement => new Statement(statement, actions, resources))];
        _keys = [.. _statements.SelectMany(statement => statement.Conditions).Select(condition => condition.Key).Distinct()];
    }

    /// <summary>Whether some request of the caller is allowed.</summary>
    public bool Allows(TriedCaller caller) => Tries(caller, null, matched => (matched.Allowed & ~matched.Denied) != UInt128.Zero);

    /// <summary>Whether some request of the caller is not denied, whatever allows it.</summary>
    public bool LeavesUnrefused(TriedCaller caller, string key, string value, UInt128 pairs) =>
        Tries(caller, (key, value), matched => (pairs & ~matched.Denied) != UInt128.Zero);

    private bool Tries(TriedCaller caller, (string Key, string Value)? given, Func<(UInt128 Allowed, UInt128 Denied), bool> asks)
    {
        Statement[] about = [.. _statements.Where(statement => statement.IsFor(caller))];
        string[] keys = [.. _keys.Where(key => caller.Keys.ContainsKey(key))];
        var request = new Dictionary<string, string[]?>();
        return Next(0);

        bool Next(int at)
        {
            if (at < keys.Length)
            {
                var values = given is var (key, value) && key == keys[at] ? [[value]] : caller.Keys[keys[at]];
                foreach (var tried in values)
                {
                    request[keys[at]] = tried;
                    if (Next(at + 1))
                    {
                        return true;
                    }
                }

                return false;
            }

            var (allowed, denied) = (UInt128.Zero, UInt128.Zero);
            foreach (var statement in about)
            {
                if (statement.Conditions.TrueForAll(condition => condition.Holds(request.GetValueOrDefault(condition.Key))))
                {
                    allowed |= statement.Allows ? statement.Pairs : UInt128.Zero;
                    denied |= statement.Allows ? UInt128.Zero : statement.Pairs;
                }
            }

            return asks((allowed, denied));
        }
    }

    /// <summary>Whether a text matches a pattern; in ARN operators a star and a question mark do not match colons.</summary>
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        if (pattern.IsEmpty)
        {
            return text.IsEmpty;
        }

        if (pattern[0] == '*')
        {
            return Fits(pattern[1..], text) || (!text.IsEmpty && Fits(pattern, text[1..]));
        }

        return !text.IsEmpty && (pattern[0] == '?' || pattern[0] == text[0]) && Fits(pattern[1..], text[1..]);
    }

    private static bool FitsArn(string pattern, string text)
    {
        var (left, right) = (pattern.Split(':', 6), text.Split(':', 6));
        return left.Length == right.Length && left.Zip(right).All(part => Fits(part.First, part.Second));
    }

    private static string[] Texts(JsonElement value) => value.ValueKind is JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(text => text.GetString()!)]
        : [value.GetString()!];

    private sealed class Statement
    {
        private readonly JsonElement _written;

        public Statement(JsonElement written, IReadOnlyList<string> actions, IReadOnlyList<string> resources)
        {
            _written = written;
            Allows = written.GetProperty("Effect").GetString() == "Allow";
            for (var i = 0; i < actions.Count; i++)
            {
                for (var j = 0; j < resources.Count; j++)
                {
                    var matches = Matches("Action", actions[i].ToLowerInvariant(), static text => text.ToLowerInvariant())
                        && Matches("Resource", resources[j], static text => text);
                    Pairs |= matches ? UInt128.One << (i * resources.Count + j) : UInt128.Zero;
                }
            }

            if (written.TryGetProperty("Condition", out var operators))
            {
                Conditions = [.. operators.EnumerateObject().SelectMany(
                    one => one.Value.EnumerateObject().Select(key => new Condition(one.Name, key.Name.ToLowerInvariant(), Texts(key.Value))))];
            }
        }

        public bool Allows { get; }

        /// <summary>A bit for each action and resource that the statement matches.</summary>
        public UInt128 Pairs { get; }

        public List<Condition> Conditions { get; } = [];

        public bool IsFor(TriedCaller caller)
        {
            if (Allows && caller.OnlyAboutSources && !Conditions.Exists(condition => condition.Key.StartsWith("aws:source", StringComparison.Ordinal)
                && condition.Key is not ("aws:sourceip" or "aws:sourcevpce")))
            {
                return false;
            }

            if (_written.TryGetProperty("NotPrincipal", out var spared))
            {
                return !Principals(spared).Any(principal => IsOne(principal, caller));
            }

            return _written.TryGetProperty("Principal", out var named)
                && Principals(named).Any(principal => IsOne(principal, caller) && !(Allows && caller.IsNamed && principal.Value == "*"));
        }

        private bool Matches(string element, string text, Func<string, string> fold)
        {
            if (_written.TryGetProperty(element, out var patterns))
            {
                return Texts(patterns).Any(pattern => Fits(fold(pattern), text));
            }

            return !_written.TryGetProperty("Not" + element, out var others) || !Texts(others).Any(pattern => Fits(fold(pattern), text));
        }

        private static IEnumerable<(string Kind, string Value)> Principals(JsonElement element) => element.ValueKind is JsonValueKind.String
            ? [("AWS", element.GetString()!)]
            : element.EnumerateObject().SelectMany(kind => Texts(kind.Value).Select(value => (kind.Name, value)));

        private static bool IsOne((string Kind, string Value) principal, TriedCaller caller) => principal switch
        {
            ("AWS", "*") => true,
            ("AWS", var value) => caller.Kind == "Account"
                && (value == caller.Account || value == $"arn:aws:iam::{caller.Account}:root" || value == caller.Arn),
            ("Federated", var value) => caller.Kind == "Token" && value.EndsWith("/" + caller.Arn, StringComparison.Ordinal),
            _ => false,
        };
    }

    private sealed class Condition
    {
        private readonly string _set;
        private readonly bool _ifExists;
        private readonly bool _negated;
        private readonly string _operator;
        private readonly string[] _values;

        public Condition(string written, string key, string[] values)
        {
            Key = key;
            _values = values;
            _set = written.Contains(':', StringComparison.Ordinal) ? written[..written.IndexOf(':', StringComparison.Ordinal)] : "";
            var name = written[(written.IndexOf(':', StringComparison.Ordinal) + 1)..];
            _ifExists = name.EndsWith("IfExists", StringComparison.Ordinal);
            name = _ifExists ? name[..^8] : name;
            _negated = name.Contains("Not", StringComparison.Ordinal);
            _operator = name.Replace("Not", "", StringComparison.Ordinal);
        }

        public string Key { get; }

        /// <summary>Results by value, because there are many combinations of few values.</summary>
        private readonly Dictionary<string[], bool> _tried = [];
        private bool? _withoutKey;

        /// <param name="given">The values of the request; null if it lacks the key.</param>
        public bool Holds(string[]? given)
        {
            if (given is null)
            {
                return _withoutKey ??= Compares(null);
            }

            if (!_tried.TryGetValue(given, out var holds))
            {
                holds = Compares(given);
                _tried.Add(given, holds);
            }

            return holds;
        }

        private bool Compares(string[]? given)
        {
            if (_operator == "Null")
            {
                return _values.Any(value => value == "true" == given is null);
            }

            if (given is null)
            {
                return _ifExists || _set == "ForAllValues" || (_set.Length == 0 && _negated);
            }

            return _set == "ForAllValues" ? given.All(HoldsFor) : given.Any(HoldsFor);
        }

        private bool HoldsFor(string given) => _values.Any(value => Compares(value, given)) != _negated;

        private bool Compares(string value, string given) => _operator switch
        {
            "StringEquals" => value == given,
            "StringEqualsIgnoreCase" or "Bool" => value.Equals(given, StringComparison.OrdinalIgnoreCase),
            "StringLike" => Fits(value, given),
            "ArnLike" or "ArnEquals" => FitsArn(value, given),
            "IpAddress" => IPNetwork.Parse(value.Contains('/', StringComparison.Ordinal) ? value : value + "/32").Contains(IPAddress.Parse(given)),
            "NumericEquals" => Number(given) == Number(value),
            "NumericLessThan" => Number(given) < Number(value),
            "NumericLessThanEquals" => Number(given) <= Number(value),
            "NumericGreaterThan" => Number(given) > Number(value),
            "NumericGreaterThanEquals" => Number(given) >= Number(value),
            "DateLessThan" => Time(given) < Time(value),
            "DateGreaterThan" => Time(given) > Time(value),
            _ => throw new InvalidOperationException($"No operator {_operator}."),
        };

        private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

        private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
    }
}
