using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Domain.Policies.Testing;

/// <summary>
/// Runs the cases of a policy file. Every passing case is repeated with each attribute that it read made unknown, which must give unknown, and removed, which
/// must give the stated result: no policy may pass a resource because of missing data.
/// </summary>
public static class PolicyTestRunner
{
    /// <summary>The code of simulated unknown attributes.</summary>
    private const string MadeUnknown = "MadeUnknownByTest";

    private const string Whole = "@";

    /// <summary>The time of all cases.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The failures; empty if the case passes.</summary>
    public static IReadOnlyList<string> Run(PolicyDefinition policy, PolicyTest test)
    {
        var failures = new List<string>();
        var input = Input(policy, test);
        var read = new HashSet<string>();
        var verdict = PolicyEvaluator.Evaluate(policy, input, read);
        if (Word(verdict.Verdict) != test.Expect)
        {
            var reason = verdict.Reason is { } because ? $" ({because.Attribute} {because.Code})" : "";
            failures.Add($"{policy.Id}, '{test.Name}': expected {test.Expect}, got {Word(verdict.Verdict)}{reason}.");
        }

        if (verdict.Verdict is Verdict.Pass)
        {
            failures.AddRange(Repeat(policy, test, input, Attributes(input, read, test)));
        }

        return failures;
    }

    /// <summary>A verdict as written in files and responses.</summary>
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Fail => "fail",
        Verdict.NotApplicable => "not_applicable",
        _ => "unknown",
    };

    private static List<string> Repeat(PolicyDefinition policy, PolicyTest test, PolicyInput input, IReadOnlyList<string> attributes)
    {
        var failures = new List<string>();
        foreach (var attribute in attributes)
        {
            var expected = test.DecidedWithout.Contains(attribute) ? Verdict.Pass : Verdict.Unknown;
            var unknown = PolicyEvaluator.Evaluate(policy, Without(input, attribute, makeUnknown: true), []).Verdict;
            if (unknown != expected)
            {
                failures.Add($"{policy.Id}, '{test.Name}': with '{attribute}' unknown, expected {Word(expected)}, got {Word(unknown)}.");
            }

            var stated = test.Absent.GetValueOrDefault(attribute, "fail");
            var absent = Word(PolicyEvaluator.Evaluate(policy, Without(input, attribute, makeUnknown: false), []).Verdict);
            if (absent != stated)
            {
                failures.Add(
                    $"{policy.Id}, '{test.Name}': with '{attribute}' removed, expected {stated}, got {absent}. "
                    + $"State it: 'absent: {{ {attribute}: {absent} }}'.");
            }
        }

        foreach (var stale in test.Absent.Keys.Concat(test.DecidedWithout).Where(attribute => !attributes.Contains(attribute)))
        {
            failures.Add($"{policy.Id}, '{test.Name}': mentions '{stale}', which it does not read.");
        }

        return failures;
    }

    private static List<string> Attributes(PolicyInput input, HashSet<string> read, PolicyTest test)
    {
        if (read.Remove(Whole))
        {
            read.UnionWith(input.Configuration.EnumerateObject().Select(member => member.Name));
        }

        return [.. read.Where(name => name != PolicyEvaluator.UnknownMember && !test.Unknown.ContainsKey(name)).Order(StringComparer.Ordinal)];
    }

    private static PolicyInput Input(PolicyDefinition policy, PolicyTest test)
    {
        var configuration = RelativeTime.Fill(test.Config, Now);
        foreach (var (attribute, code) in test.Unknown.Where(unknown => !unknown.Key.StartsWith('$')))
        {
            configuration = Change(configuration, attribute, code);
        }

        return new PolicyInput
        {
            Configuration = configuration,
            AccountId = "123456789012",
            Arn = string.Create(CultureInfo.InvariantCulture, $"arn:{test.Partition ?? "aws"}:{policy.Service}:us-east-1:123456789012:test"),
            Region = "us-east-1",
            Tags = test.Unknown.ContainsKey("$tags") || test.Unknown.ContainsKey("Tags") ? null : test.Tags,
            Params = test.Params,
            Now = Now,
            Related = policy.Lookups.ToDictionary(lookup => lookup.Name, lookup => new RelatedResources(
                test.Unknown.GetValueOrDefault("$" + lookup.Name),
                [.. test.Related.GetValueOrDefault(lookup.Name, []).Select(resource => RelativeTime.Fill(resource, Now))])),
        };
    }

    private static PolicyInput Without(PolicyInput input, string name, bool makeUnknown)
    {
        if (name == "$tags")
        {
            return input with { Tags = makeUnknown ? null : new Dictionary<string, string>() };
        }

        if (name.StartsWith('$'))
        {
            var related = input.Related.ToDictionary();
            related[name[1..]] = new RelatedResources(makeUnknown ? UnknownReason.NotCovered : null, []);
            return input with { Related = related };
        }

        return input with { Configuration = Change(input.Configuration, name, makeUnknown ? MadeUnknown : null) };
    }

    /// <summary>The configuration without an attribute, which is marked as unknown if there is a code.</summary>
    private static JsonElement Change(JsonElement configuration, string attribute, string? code)
    {
        var changed = JsonObject.Create(configuration)!.DeepClone().AsObject();
        if (code is null)
        {
            changed.Remove(attribute);
        }
        else
        {
            var unknown = changed[PolicyEvaluator.UnknownMember]?.DeepClone().AsObject() ?? [];
            unknown[attribute] = code;
            changed[PolicyEvaluator.UnknownMember] = unknown;
            if (code == MadeUnknown)
            {
                changed.Remove(attribute);
            }
        }

        return JsonSerializer.SerializeToElement(changed);
    }
}
