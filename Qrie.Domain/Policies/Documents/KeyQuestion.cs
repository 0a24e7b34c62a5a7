namespace Qrie.Domain.Policies.Documents;

/// <summary>A condition that must hold, or must not.</summary>
internal readonly record struct Demand(StatementCondition Condition, bool Holds)
{
    /// <summary>Whether the value that is compared must be among those written, set operators aside.</summary>
    public bool WantsMatch => Holds != Condition.Negated;
}

/// <summary>Whether a caller's request can meet all demands on one key at once.</summary>
/// <param name="caller">Whose request it is.</param>
/// <param name="doubt">Told the statement that this cannot be told of; gives what to assume.</param>
internal sealed class KeyQuestion(Caller caller, Func<PolicyStatement, bool> doubt)
{
    public bool CanMeet(string key, List<Demand> demands)
    {
        var domain = caller.Domain(key);
        if (!domain.IsKnown)
        {
            return doubt(demands[0].Condition.Statement);
        }

        var usable = demands;
        if (demands.Exists(static demand => demand.Condition.Family is ConditionFamily.Unknown))
        {
            usable = demands.FindAll(static demand => demand.Condition.Family is not ConditionFamily.Unknown);
            if (demands.Exists(demand => demand.Condition.Family is ConditionFamily.Unknown && !doubt(demand.Condition.Statement)))
            {
                return false;
            }
        }

        return CanBeMissing(domain, usable) || (domain.MayBePresent && CanBePresent(key, domain, usable));
    }

    /// <summary>The given addresses that meet the demands.</summary>
    public static SourceAddresses Addresses(IEnumerable<Demand> demands, SourceAddresses of) => demands
        .Where(demand => demand.Condition.Family is ConditionFamily.Address)
        .Aggregate(of, static (met, demand) =>
            met.Intersect(demand.WantsMatch ? demand.Condition.Addresses : demand.Condition.Addresses.Complement()));

    /// <summary>Whether a request without the key meets the demands.</summary>
    public bool CanBeMissing(string key, List<Demand> demands) => CanBeMissing(caller.Domain(key), demands);

    private static bool CanBeMissing(KeyDomain domain, List<Demand> demands) =>
        (domain.MayBeMissing || (domain.MissingIfTolerated && demands.Exists(static demand => demand.Condition.IfExists)))
        && demands.TrueForAll(static demand => demand.Condition.HoldsWhenMissing == demand.Holds);

    private bool CanBePresent(string key, KeyDomain domain, List<Demand> demands)
    {
        var compared = demands;
        if (demands.Exists(static demand => demand.Condition.Family is ConditionFamily.Null))
        {
            compared = demands.FindAll(static demand => demand.Condition.Family is not ConditionFamily.Null);
            if (demands.Exists(static demand => demand.Condition.Family is ConditionFamily.Null
                && demand.Condition.Values.Contains("false", StringComparer.OrdinalIgnoreCase) != demand.Holds))
            {
                return false;
            }
        }

        if (compared.Count == 0)
        {
            return true;
        }

        var family = compared[0].Condition.Family;
        if (compared.Find(demand => demand.Condition.Family != family) is { Condition: { } other })
        {
            if (!doubt(other.Statement))
            {
                return false;
            }

            compared = compared.FindAll(demand => demand.Condition.Family == family);
        }

        return family switch
        {
            ConditionFamily.Address => !Addresses(compared, key == ContextKeys.SourceIp ? SourceAddresses.Public : SourceAddresses.All).IsEmpty,
            ConditionFamily.Order => CanBeOrdered(compared),
            _ => CanBeText(key, domain, compared),
        };
    }

    /// <summary>Between the written numbers nothing changes: one of each gap is tried.</summary>
    private static bool CanBeOrdered(List<Demand> demands)
    {
        var numbers = demands.SelectMany(demand => demand.Condition.Numbers).Distinct().Order().ToList();
        var tried = numbers.Concat(numbers.Zip(numbers.Skip(1), static (low, high) => (low + high) / 2)).Append(numbers[0] - 1).Append(numbers[^1] + 1);
        return tried.Any(number => demands.TrueForAll(demand => demand.Condition.Meets(number) == demand.WantsMatch));
    }

    private bool CanBeText(string key, KeyDomain domain, List<Demand> demands)
    {
        if (!ContextKeys.HasSeveralValues(key, demands.Exists(demand => demand.Condition.Set is not SetOperator.None)))
        {
            return CanHave(domain, demands);
        }

        // What all values must be, and what one of them must be: each of the latter can be another value.
        var (all, some) = (new List<Demand>(), new List<Demand>());
        foreach (var demand in demands)
        {
            var forAll = demand.Condition.Set is SetOperator.ForAllValues;
            (forAll == demand.Holds ? all : some).Add(demand);
        }

        return some.Count == 0
            ? CanHave(domain, all)
            : some.TrueForAll(one => CanHave(domain, [.. all, one]));
    }

    private bool CanHave(KeyDomain domain, List<Demand> demands)
    {
        if (CanHave(domain, demands, domain.Doubtful, domain.Assumed) is not false and var sure)
        {
            return sure ?? doubt(demands[0].Condition.Statement);
        }

        return (domain.Doubtful.Count > 0 || domain.Assumed is not null) && CanHave(domain, demands, [], null) is not false
            && doubt(demands[0].Condition.Statement);
    }

    /// <summary>Null: cannot tell.</summary>
    private bool? CanHave(KeyDomain domain, List<Demand> demands, IReadOnlyList<Glob> doubtful, IReadOnlyList<Glob>? assumed)
    {
        var query = new List<TextDemand>(demands.Count + 2);
        Refuse(domain.Excluded);
        Refuse(doubtful);
        if (domain.Values is not null)
        {
            query.Add(new TextDemand(domain.Values, true));
        }

        if (assumed is not null)
        {
            query.Add(new TextDemand(assumed, true));
        }

        foreach (var demand in demands)
        {
            var condition = demand.Condition;
            var (patterns, isSure) = condition.HasVariables
                ? Variables.Resolve(caller, condition.Values, demand.WantsMatch, static value => Glob.Like(value))
                : (condition.Patterns, true);
            if (!isSure && !doubt(condition.Statement))
            {
                return false;
            }

            query.Add(new TextDemand(patterns, demand.WantsMatch));
        }

        return TextQuery.Ask(query) switch { Answer.Yes => true, Answer.No => false, _ => null };

        void Refuse(IReadOnlyList<Glob> patterns)
        {
            if (patterns.Count > 0)
            {
                query.Add(new TextDemand(patterns, false));
            }
        }
    }
}
