using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads a file of <c>catalog/policies</c> (design.md section 8).</summary>
internal sealed partial class PolicyFileReader(ExpressionReader expressions, CatalogErrors errors)
{
    internal static readonly string[] Categories =
    [
        "access_control", "configuration", "data_protection", "encryption", "logging",
        "monitoring", "network_security", "resilience", "secrets", "vulnerability",
    ];

    private readonly PolicyTestReader _tests = new(errors);

    /// <summary>Null if the file is too broken to continue.</summary>
    /// <param name="root">The document.</param>
    /// <param name="fileName">Without folder and extension; must be the policy's id.</param>
    /// <param name="findType">The catalog's types, for the service and the volatile paths.</param>
    /// <param name="tests">The map that has the tests, if they were found valid before; null: they are in the document.</param>
    public PolicyDefinition? Read(SourceNode root, string fileName, Func<string, ResourceTypeDefinition?> findType, Func<SourceMap>? tests = null)
    {
        if (MapReader.From(root, "a policy file", errors) is not { } reader)
        {
            return null;
        }

        var before = errors.Count;
        var id = ReadId(reader, fileName);
        var title = reader.RequiredText("title");
        var description = reader.RequiredText("description");
        var type = ReadType(reader, findType);
        var category = ReadCategory(reader);
        var severity = ReadSeverity(reader);
        var parameters = ReadParams(reader);
        var lookups = ReadLookups(reader, findType, Variables.Policy.With(parameters.Keys));
        var variables = Variables.Policy.With(parameters.Keys).With(lookups.Select(lookup => lookup.Name));
        var applies = expressions.Read(reader.Node("applies"), "applies", variables);
        var violation = ReadViolation(reader, variables);
        var evidence = expressions.Read(reader.Node("evidence"), "evidence", variables);
        var remediation = reader.RequiredText("remediation");
        var fix = expressions.ReadTemplate(reader.Node("fix"), "fix", variables);
        var references = reader.Texts("references");
        var equivalents = new EquivalentReader(errors).Read(reader);
        var aliases = reader.Texts("aliases");
        var recommended = reader.Flag("recommended");
        var deprecated = reader.Flag("deprecated");
        var read = tests is null ? _tests.Read(reader, parameters.Keys) : null;
        reader.RefuseOthers();
        if (errors.Count > before || type is null)
        {
            return null;
        }

        JmesPathExpression[] all =
            [.. violation, .. Present(applies), .. Present(evidence), .. lookups.SelectMany(lookup => new[] { lookup.Key, lookup.EqualTo })];
        return new PolicyDefinition
        {
            Id = id!,
            Title = title!,
            Description = description!,
            ResourceType = type.Type,
            Service = type.Service,
            Category = category!,
            Severity = severity!.Value,
            Params = parameters,
            Lookups = lookups,
            Applies = applies,
            Violation = violation,
            Evidence = evidence,
            Remediation = remediation!,
            Fix = fix?.Text,
            FixPlaces = [.. (fix?.Segments ?? []).Select(piece => piece.Expression).OfType<JmesPathExpression>()],
            References = references,
            Equivalents = equivalents,
            Aliases = aliases,
            Recommended = recommended,
            Deprecated = deprecated,
            TimeDependent = all.Any(expression => ReadsTime(expression, type)),
            DefinitionHash = Hash(type.Type, severity.Value, parameters, lookups, applies, violation, evidence),
            LazyTests = new Lazy<IReadOnlyList<PolicyTest>>(
                () => read ?? _tests.Read(new MapReader(tests!(), "a policy file", new CatalogErrors()), parameters.Keys)),
        };
    }

    private static JmesPathExpression[] Present(JmesPathExpression? expression) => expression is null ? [] : [expression];

    /// <summary>A volatile path changes without changing the hash, so policies that read it are time-dependent.</summary>
    private static bool ReadsTime(JmesPathExpression expression, ResourceTypeDefinition type)
    {
        var reads = expression.Reads();
        return reads.Variables.Contains("now")
            || reads.ReadsClock
            || type.Volatile.Any(path => reads.Whole || reads.Members.Contains(path.Split('.', '[')[0]));
    }

    private static string Hash(
        string type, int severity, IReadOnlyDictionary<string, JsonElement> parameters, IReadOnlyList<PolicyLookup> lookups,
        JmesPathExpression? applies, IReadOnlyList<JmesPathExpression> violation, JmesPathExpression? evidence)
    {
        var text = new StringBuilder();
        text.Append(PolicyFunctions.Version).Append('\n').Append(type).Append('\n').Append(severity)
            .Append('\n').Append(applies?.Text).Append('\n').Append(evidence?.Text).Append('\n');
        foreach (var expression in violation)
        {
            text.Append(expression.Text).Append('\n');
        }

        foreach (var (name, value) in parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append('=').Append(CanonicalJson.Write(value)).Append('\n');
        }

        foreach (var lookup in lookups)
        {
            text.Append(lookup.Name).Append(' ').Append(lookup.Type).Append(' ').Append(lookup.Key.Text).Append(' ')
                .Append(lookup.EqualTo.Text).Append(' ').Append(lookup.AcrossOrganization).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private string? ReadId(MapReader reader, string fileName)
    {
        var id = reader.RequiredText("id");
        if (id is null)
        {
            return null;
        }

        if (!PascalCase().IsMatch(id))
        {
            errors.Add(reader.Node("id")!, $"'{id}' cannot be a policy id.", "Name the bad state in PascalCase: S3BucketVersioningDisabled.");
        }
        else if (id != fileName)
        {
            errors.Add(reader.Node("id")!, $"The id '{id}' is not the file's name '{fileName}'.", $"Rename the file to {id}.yaml, or the id.");
        }

        return id;
    }

    private ResourceTypeDefinition? ReadType(MapReader reader, Func<string, ResourceTypeDefinition?> findType)
    {
        var name = reader.RequiredText("resource");
        if (name is null)
        {
            return null;
        }

        var type = findType(name);
        if (type is null)
        {
            errors.Add(
                reader.Node("resource")!, $"No service file has the resource type '{name}'.", "Check its spelling, or add the type to catalog/services.");
        }

        return type;
    }

    private string? ReadCategory(MapReader reader)
    {
        var category = reader.RequiredText("category");
        if (category is not null && !Categories.Contains(category))
        {
            errors.Add(reader.Node("category")!, $"'{category}' is not a category.", $"Write one of {string.Join(' ', Categories)}.");
        }

        return category;
    }

    private static int? ReadSeverity(MapReader reader) => reader.Required("severity") is null ? null : reader.Number("severity", 0, 100);

    private IReadOnlyDictionary<string, JsonElement> ReadParams(MapReader reader)
    {
        foreach (var (key, _) in reader.Entries("params"))
        {
            if (!ParamName().IsMatch(key.Value))
            {
                errors.Add(key, $"'{key.Value}' cannot be a parameter.", "Use small letters, digits and underscores.");
            }
            else if (Variables.Policy.Names.Contains(key.Value))
            {
                errors.Add(key, $"'${key.Value}' is bound by Qrie.", "Give the parameter another name.");
            }
        }

        return reader.JsonMap("params");
    }

    private List<JmesPathExpression> ReadViolation(MapReader reader, VariableSet variables)
    {
        var node = reader.Required("violation");
        var alternatives = node is SourceList list ? list.Items : node is null ? [] : [node];
        if (node is SourceList { Items.Count: 0 })
        {
            errors.Add(node, "'violation' has no alternatives.", "Write one expression, or a list of them.");
        }

        return [.. alternatives.Select(alternative => expressions.Read(alternative, "violation", variables)).OfType<JmesPathExpression>()];
    }

    /// <param name="variables">What is bound besides the lookups that stand before one, which it may build on.</param>
    private List<PolicyLookup> ReadLookups(MapReader reader, Func<string, ResourceTypeDefinition?> findType, VariableSet variables)
    {
        var lookups = new List<PolicyLookup>();
        foreach (var (name, value) in reader.Entries("lookup"))
        {
            if (MapReader.From(value, $"the lookup '{name.Value}'", errors) is not { } lookup)
            {
                continue;
            }

            var type = lookup.RequiredText("type");
            if (type is not null && findType(type) is null)
            {
                errors.Add(
                    lookup.Node("type")!, $"No service file has the resource type '{type}'.", "Check its spelling, or add the type to catalog/services.");
            }

            var key = expressions.Read(lookup.Required("key"), "key", Variables.Policy);
            var equalTo = expressions.Read(lookup.Required("equals"), "equals", variables.With(lookups.Select(earlier => earlier.Name)));
            var across = lookup.Text("across") ?? "account";
            if (across is not ("account" or "organization"))
            {
                errors.Add(lookup.Node("across")!, $"'{across}' is not a reach.", "Write 'account' or 'organization'.");
            }

            lookup.RefuseOthers();
            if (type is not null && key is not null && equalTo is not null)
            {
                lookups.Add(new PolicyLookup(name.Value, findType(type)?.Type ?? type, key, equalTo, across == "organization"));
            }
        }

        return lookups;
    }

    [GeneratedRegex("^[A-Z][A-Za-z0-9]+$")]
    private static partial Regex PascalCase();

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex ParamName();
}
