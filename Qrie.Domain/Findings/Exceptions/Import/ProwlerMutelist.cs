using System.Text.RegularExpressions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Findings.Exceptions.Import;

/// <summary>Reads mutelists of Prowler: accounts, in them checks, in them regions, resources and tags.</summary>
internal sealed partial class ProwlerMutelist(ResourceCatalog catalog)
{
    private const string Any = "*";
    private const string Prowler = "prowler";

    private readonly PolicyEquivalents _equivalents = new(catalog, Prowler);
    private readonly Translation _translation = new();

    public static Translation Read(string text, ResourceCatalog catalog)
    {
        var list = new ProwlerMutelist(catalog);
        list.Read(text);
        return list._translation;
    }

    private void Read(string text)
    {
        var errors = new CatalogErrors();
        var root = SourceReader.Read("mutelist", text, errors);
        foreach (var error in errors.All())
        {
            _translation.Refuse($"line {error.Line}", $"{error.Message} {error.Remedy}");
        }

        var list = (root as SourceMap)?.Entries.Find(e => e.Key.Value is "Mutelist" or "Mute List" or "Allowlist")?.Value as SourceMap;
        if (list?.Find("Accounts")?.Value is not SourceMap accounts)
        {
            _translation.Refuse("line 1", "This is not a mutelist: it must have Accounts below Mutelist.");
            return;
        }

        foreach (var account in accounts.Entries)
        {
            if ((account.Value as SourceMap)?.Find("Checks")?.Value is not SourceMap checks)
            {
                _translation.Refuse(account.Key.Value, "The account has no Checks.");
            }
            else
            {
                checks.Entries.ForEach(check => ReadCheck(account.Key.Value, check));
            }
        }
    }

    private void ReadCheck(string account, SourceEntry check)
    {
        var source = $"{account} {check.Key.Value} (line {check.Key.Line})";
        if (check.Value is not SourceMap settings)
        {
            _translation.Refuse(source, "The check has no Regions and Resources.");
            return;
        }

        if (account != Any && !(account.Length == 12 && account.All(char.IsAsciiDigit)))
        {
            _translation.Refuse(source, "The account is neither * nor 12 digits.");
            return;
        }

        if (settings.Find("Exceptions")?.Value is SourceMap { Entries.Count: > 0 })
        {
            _translation.Refuse(source, "It has Exceptions: without them, more would be suppressed. Create exceptions for what remains.");
            return;
        }

        var regions = Texts(settings, "Regions");
        if (regions.Count == 0 || regions.Exists(r => r != Any && !Plain().IsMatch(r)))
        {
            _translation.Refuse(source, "Regions must be names of regions, or *.");
            return;
        }

        var tags = TagsOf(Texts(settings, "Tags"));
        if (tags is null)
        {
            _translation.Refuse(source, "Tags must be one key=value, or alternatives of it; an exception has one tag.");
            return;
        }

        var name = LambdaPrefix().Replace(check.Key.Value, "awslambda");
        IReadOnlyList<(PolicyDefinition? Policy, string? Note)> policies =
            name == Any ? [(null, null)] : [.. _equivalents.Find(name).Select(p => ((PolicyDefinition?)p.Policy, p.Note))];
        if (policies.Count == 0)
        {
            _translation.Refuse(source, "No policy of the catalog is equivalent to this check.");
            return;
        }

        var reason = (settings.Find("Description")?.Value as SourceScalar)?.Value;
        var resources = Texts(settings, "Resources");
        if (resources.Count == 0)
        {
            _translation.Refuse(source, "It has no Resources.");
        }

        foreach (var resource in resources)
        {
            var (arns, note) = ResourcePattern.Of(resource);
            if (arns.Count == 0)
            {
                _translation.Refuse($"{source} {resource}", "This regular expression has no equivalent: only text, .* and alternatives have.");
            }

            foreach (var (arn, policy, tag) in from arn in arns from policy in policies from tag in tags select (arn, policy, tag))
            {
                Add($"{source} {resource}", account, policy, regions, arn, tag, reason, note);
            }
        }
    }

    private void Add(
        string source, string account, (PolicyDefinition? Policy, string? Note) policy, List<string> regions, string? arn, (string Key, string Value)? tag,
        string? reason, string? note)
    {
        if (policy.Policy is null && arn is null && tag is null)
        {
            _translation.Refuse(source, "It mutes every check on every resource; an exception must name a policy, resources or a tag.");
            return;
        }

        var notes = new List<string>([.. new[] { policy.Note, note }.OfType<string>()]);
        List<string> places = regions.Contains(Any) ? [] : [.. regions.Distinct()];
        if (places.Contains("us-east-1"))
        {
            places.Add("global");
            notes.Add("us-east-1 includes global resources, as in Prowler.");
        }

        _translation.Entries.Add(new TranslatedEntry(
            source, new ExceptionScope(policy.Policy?.Id, arn, tag?.Key, tag?.Value, account == Any ? [] : [account], places), reason, notes));
    }

    /// <summary>Alternatives, of which one must apply; null if they cannot be expressed.</summary>
    private static List<(string Key, string Value)?>? TagsOf(List<string> tags)
    {
        if (tags.Count == 0 || tags is [Any])
        {
            return [null];
        }

        var alternatives = tags is [var only] ? only.Split('|', StringSplitOptions.TrimEntries).Select(t => t.Split('=', 2)).ToList() : null;
        return alternatives?.TrueForAll(t => t is [{ Length: > 0 } key, { Length: > 0 } value] && PlainTag().IsMatch(key) && PlainTag().IsMatch(value)) == true
            ? [.. alternatives.Select(t => ((string, string)?)(t[0], t[1]))]
            : null;
    }

    /// <summary>A list of texts, or one text.</summary>
    private static List<string> Texts(SourceMap map, string key) => map.Find(key)?.Value switch
    {
        SourceList list => [.. list.Items.OfType<SourceScalar>().Select(s => s.Value)],
        SourceScalar { Value.Length: > 0 } scalar => [scalar.Value],
        _ => [],
    };

    [GeneratedRegex("^[a-z0-9-]+$")]
    private static partial Regex Plain();

    [GeneratedRegex("^[A-Za-z0-9_:/@ -]+$")]
    private static partial Regex PlainTag();

    [GeneratedRegex("^lambda")]
    private static partial Regex LambdaPrefix();
}
