using System.Collections.Frozen;
using System.Globalization;
using Qrie.Domain.Policies.Network;

namespace Qrie.Domain.Policies.Documents;

/// <summary>How the values of a condition are compared.</summary>
internal enum ConditionFamily
{
    Text,
    Address,

    /// <summary>Numbers and times.</summary>
    Order,

    /// <summary>Whether the request has the key at all.</summary>
    Null,

    /// <summary>An operator or values that the policy language does not have, or that this analysis does not know.</summary>
    Unknown,
}

/// <summary>How a key of several values is compared.</summary>
internal enum SetOperator
{
    None,
    ForAnyValue,
    ForAllValues,
}

/// <summary>
/// One key of one operator; all of a statement's must hold
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
/// </summary>
internal sealed class StatementCondition
{
    private static readonly bool[] s_withAndWithout = [false, true];

    private static readonly string[] s_names =
    [
        "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
        "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
        "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
        "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
    ];

    /// <summary>Every operator as it is written, set operator and IfExists included; names are those of the operators without Not.</summary>
    private static readonly FrozenDictionary<string, (string Name, SetOperator Set, bool IfExists, bool Negated)> s_operators = Operators();

    private StatementCondition(PolicyStatement statement, string key)
    {
        Statement = statement;
        Key = key;
    }

    /// <summary>Where it stands.</summary>
    public PolicyStatement Statement { get; }

    /// <summary>In small letters; AWS ignores their case.</summary>
    public string Key { get; private set; }

    /// <summary>As written; any of them satisfies, or with a negated operator none.</summary>
    public IReadOnlyList<string> Values { get; private init; } = [];

    public ConditionFamily Family { get; private set; }

    /// <summary>The operator is one with Not.</summary>
    public bool Negated { get; private set; }

    public SetOperator Set { get; private set; }

    public bool IfExists { get; private set; }

    /// <summary>Of <see cref="ConditionFamily.Text"/>, one for each value.</summary>
    public IReadOnlyList<Glob> Patterns { get; private set; } = [];

    /// <summary>Those patterns that name a fixed owner in full, which an outsider is not.</summary>
    public IReadOnlyList<Glob> Fixed { get; private set; } = [];

    /// <summary>Some value holds a policy variable, whose patterns depend on the caller.</summary>
    public bool HasVariables { get; private set; }

    /// <summary>Of <see cref="ConditionFamily.Address"/>.</summary>
    public SourceAddresses Addresses { get; private set; } = SourceAddresses.Empty;

    /// <summary>Of <see cref="ConditionFamily.Order"/>: whether a number or time meets one of the values.</summary>
    public Func<decimal, bool> Meets { get; private set; } = static _ => false;

    /// <summary>Of <see cref="ConditionFamily.Order"/>.</summary>
    public IReadOnlyList<decimal> Numbers { get; private set; } = [];

    /// <summary>
    /// What the condition is for a request without the key: IfExists and ForAllValues hold, ForAnyValue does not, an operator with Not holds
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
    /// </summary>
    public bool HoldsWhenMissing => Family is ConditionFamily.Null
        ? Values.Contains("true", StringComparer.OrdinalIgnoreCase)
        : IfExists || Set is SetOperator.ForAllValues || (Set is SetOperator.None && Negated);

    /// <summary>That the caller has one of these identities, as the element Principal asks.</summary>
    public static StatementCondition OfIdentity(PolicyStatement statement, IReadOnlyList<Glob> identities) =>
        new(statement, ContextKeys.PrincipalArn) { Family = ConditionFamily.Text, Patterns = identities };

    public static StatementCondition Parse(PolicyStatement statement, string written, string key, IReadOnlyList<string> values)
    {
        var condition = new StatementCondition(statement, key) { Values = values };
        if (values.Count == 0 || !s_operators.TryGetValue(written, out var known))
        {
            condition.Family = ConditionFamily.Unknown;
            return condition;
        }

        (condition.Set, condition.IfExists, condition.Negated) = (known.Set, known.IfExists, known.Negated);
        condition.Family = condition.Read(known.Name);
        return condition;
    }

    private ConditionFamily Read(string name) => name switch
    {
        "stringequals" or "binaryequals" => Text(value => Glob.Literal(value), isLiteral: true),
        "stringequalsignorecase" when ContextKeys.IsLowerCase(Key) => Text(value => Glob.Literal(value.ToLowerInvariant()), isLiteral: true),
        "stringequalsignorecase" or "bool" => Text(value => Glob.Literal(value, ignoreCase: true), isLiteral: true),
        "stringlike" => Text(value => Glob.Like(value), isLiteral: false),
        "arnequals" or "arnlike" => Text(Glob.Arn, isLiteral: false),
        "ipaddress" => Address(Values),
        "null" => Presence(),
        "numericequals" or "dateequals" => Order(Number(name), static (left, right) => left == right),
        "numericlessthan" or "datelessthan" => Order(Number(name), static (left, right) => left < right),
        "numericlessthanequals" or "datelessthanequals" => Order(Number(name), static (left, right) => left <= right),
        "numericgreaterthan" or "dategreaterthan" => Order(Number(name), static (left, right) => left > right),
        "numericgreaterthanequals" or "dategreaterthanequals" => Order(Number(name), static (left, right) => left >= right),
        _ => ConditionFamily.Unknown,
    };

    private static FrozenDictionary<string, (string Name, SetOperator Set, bool IfExists, bool Negated)> Operators()
    {
        (string Prefix, SetOperator Set)[] sets =
            [("", SetOperator.None), ("ForAnyValue:", SetOperator.ForAnyValue), ("ForAllValues:", SetOperator.ForAllValues)];
        var operators = from name in s_names
                        from set in sets
                        from ifExists in s_withAndWithout
                        let plain = name.Replace("Not", "", StringComparison.Ordinal).ToLowerInvariant()
                        select KeyValuePair.Create(
                            $"{set.Prefix}{name}{(ifExists ? "IfExists" : "")}",
                            (plain, set.Set, ifExists, name.Contains("Not", StringComparison.Ordinal)));
        return operators.Append(KeyValuePair.Create("Null", ("null", SetOperator.None, false, false))).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private ConditionFamily Text(Func<string, Glob?> pattern, bool isLiteral)
    {
        if (ContextKeys.IsAddress(Key))
        {
            return TextOfAddresses();
        }

        HasVariables = Statement.Document.HasVariables && Values.Any(PolicyVariables.IsIn);
        if (PolicyVariables.SwapForResource(Key, Values) is var (key, owner))
        {
            HasVariables = false;
            var isOfAccount = ContextKeys.IsCallersAccount(key);
            Key = isOfAccount ? ContextKeys.PrincipalArn : key;
            Patterns = [isOfAccount ? Glob.IdentitiesOf(owner) : Glob.Literal(owner)];
            Fixed = Patterns;
            return ConditionFamily.Text;
        }

        var isAccount = ContextKeys.IsCallersAccount(Key);
        var (patterns, fixedOnes) = (new List<Glob>(Values.Count), (List<Glob>?)null);
        foreach (var value in Values)
        {
            if (isLiteral && ContextKeys.IsOwner(Key) && value.AsSpan().ContainsAny('*', '?'))
            {
                continue; // a wildcard is a character here, which no owner has in his name
            }

            if ((isAccount ? Glob.IdentitiesOf(value) : pattern(value)) is not { } made)
            {
                return ConditionFamily.Unknown;
            }

            patterns.Add(made);
            if (FixedValues.IsFixed(Key, value))
            {
                (fixedOnes ??= new List<Glob>(Values.Count)).Add(made);
            }
        }

        (Patterns, Fixed, Key) = (patterns, fixedOnes ?? (IReadOnlyList<Glob>)[], isAccount ? ContextKeys.PrincipalArn : Key);
        return isAccount && HasVariables ? ConditionFamily.Unknown : ConditionFamily.Text;
    }

    /// <summary>Whoever has an account has an ARN.</summary>
    private ConditionFamily Presence()
    {
        Key = ContextKeys.IsCallersAccount(Key) ? ContextKeys.PrincipalArn : Key;
        return ConditionFamily.Null;
    }

    /// <summary>An address compared as a text: one, all, or those that begin with whole numbers, <c>203.0.113.*</c>.</summary>
    private ConditionFamily TextOfAddresses()
    {
        var blocks = new List<string>();
        foreach (var value in Values)
        {
            var numbers = value.EndsWith(".*", StringComparison.Ordinal) ? value[..^2].Split('.') : [];
            if (value.Trim('*').Length == 0)
            {
                blocks.AddRange(["0.0.0.0/0", "::/0"]);
            }
            else
            {
                var rest = Enumerable.Repeat("0", 4 - Math.Min(4, numbers.Length));
                blocks.Add(numbers.Length is > 0 and < 4 ? $"{string.Join('.', [.. numbers, .. rest])}/{8 * numbers.Length}" : value);
            }
        }

        return Address(blocks);
    }

    private ConditionFamily Address(IReadOnlyList<string> values)
    {
        var blocks = new List<CidrBlock>();
        foreach (var value in values)
        {
            if (!CidrBlock.TryParse(value, out var block))
            {
                return ConditionFamily.Unknown;
            }

            blocks.Add(block);
        }

        Addresses = SourceAddresses.Of(blocks);
        return ConditionFamily.Address;
    }

    private ConditionFamily Order(Func<string, decimal?> parse, Func<decimal, decimal, bool> compare)
    {
        decimal?[] parsed = [.. Values.Select(parse)];
        if (Array.Exists(parsed, number => number is null))
        {
            return ConditionFamily.Unknown;
        }

        decimal[] numbers = [.. parsed.Select(number => number!.Value)];
        Numbers = numbers;
        Meets = value => Array.Exists(numbers, number => compare(value, number));
        return ConditionFamily.Order;
    }

    private static Func<string, decimal?> Number(string name) => name.StartsWith("date", StringComparison.Ordinal) ? Time : Decimal;

    private static decimal? Decimal(string value) =>
        decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Seconds since 1970, in which AWS takes times as well.</summary>
    private static decimal? Time(string value) =>
        Decimal(value) ?? (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeSeconds()
            : null);
}
