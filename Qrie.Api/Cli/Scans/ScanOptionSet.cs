using System.CommandLine;
using System.CommandLine.Parsing;
using Qrie.Api.Exports;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Scans;

namespace Qrie.Api.Cli.Scans;

/// <summary>The options of <c>qrie scan</c>, and what they mean.</summary>
internal sealed class ScanOptionSet(Func<ResourceCatalog> catalog)
{
    private const string None = "none";

    private readonly Option<string?> _accounts = new("--accounts")
    {
        Description = "The accounts to scan, separated by commas; by default that of the credentials, with --organization all members",
    };

    private readonly Option<bool> _organization = new("--organization") { Description = "Scan the accounts of the AWS organization" };
    private readonly Option<string?> _regions = new("--regions") { Description = "Regions, separated by commas; by default those enabled in each account" };
    private readonly Option<string?> _services = new("--services") { Description = "Only policies of these services, separated by commas" };
    private readonly Option<string?> _policies = new("--policies") { Description = "Only these policies, separated by commas" };
    private readonly Option<string?> _framework = new("--framework") { Description = "Only policies that check this framework, as in cis-5.0" };
    private readonly Option<string?> _severity = new("--severity")
    {
        Description = "Only policies of this severity or a higher one: critical, high, medium, low",
    };

    private readonly Option<string?> _level = new("--level")
    {
        Description = "quick: critical and high policies; standard: all policies (the default); deep: all policies, and read also what none of them needs",
    };

    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write findings.<format> into this folder" };
    private readonly Option<string?> _format = new("--format")
    {
        Description = $"Formats, separated by commas: {ExportFormats.Names}. Without -o, one format is written to standard output",
    };

    private readonly Option<string?> _failOn = new("--fail-on")
    {
        Description = "Exit with code 3 if there is a finding of this severity or a higher one: critical, high, medium, low (the default), none",
    };

    private readonly Option<string?> _baseline = new("--baseline")
    {
        Description = "An earlier result in the format jsonl: findings that it contains do not count for the exit code",
    };

    private readonly Option<bool> _securityHub = new("--send-to-security-hub")
    {
        Description = "Send the findings to the Security Hub of their account and region, which needs securityhub:BatchImportFindings there",
    };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _accounts, _organization, _regions, _services, _policies, _framework, _severity, _level, _output, _format, _failOn, _baseline, _securityHub,
        ];
        Array.ForEach(all, command.Options.Add);
    }

    /// <summary>Reports every mistake.</summary>
    public LocalScanRequest Read(SymbolResult given, Action<string> mistake)
    {
        var read = new LocalScanRequest
        {
            Accounts = Each(given, _accounts, mistake, id => id.Length == 12 && id.All(char.IsAsciiDigit) ? id : null, _ => "an account must be 12 digits"),
            Organization = given.GetValue(_organization),
            Regions = Each(given, _regions, mistake, r => EndpointTable.IsRegionName(r) ? r : null, _ => "a region is written as in us-east-1"),
            Services = Each(
                given, _services, mistake, s => catalog().FindService(s)?.Key,
                s => $"there is no such service{Suggest(s, catalog().Services.Select(k => k.Key))}; it must be one of "
                    + string.Join(", ", catalog().Services.Select(k => k.Key))),
            Policies = Each(
                given, _policies, mistake, p => catalog().FindPolicy(p)?.Id,
                p => $"there is no such policy{Suggest(p, catalog().Policies.Select(k => k.Id))}; docs/reference lists them"),
            Framework = One(
                given, _framework, mistake, f => catalog().FindFramework(f)?.Id,
                _ => $"it must be one of {string.Join(", ", catalog().Frameworks.Select(f => f.Id))}"),
            MinSeverity = One<int?>(given, _severity, mistake, FromOf, _ => "it must be critical, high, medium or low") ?? Severities.Min,
            Level = One(given, _level, mistake, LevelOf, _ => "it must be quick, standard or deep") ?? ScanLevel.Standard,
            Output = Text(given, _output),
            Formats = Each(given, _format, mistake, ExportFormats.Find, _ => $"a format must be one of {ExportFormats.Names}"),
            FailOn = Text(given, _failOn) == None
                ? null
                : One<int?>(given, _failOn, mistake, FromOf, _ => "it must be critical, high, medium, low or none") ?? Severities.Min,
            Baseline = Text(given, _baseline),
            SendToSecurityHub = given.GetValue(_securityHub),
        };
        CheckTogether(read, mistake);
        return read;
    }

    private void CheckTogether(LocalScanRequest read, Action<string> mistake)
    {
        if (read.Output is null && read.Formats.Count > 1)
        {
            mistake("--format: several formats need a folder; add -o DIR.");
        }

        if (read.Output is not null && File.Exists(read.Output))
        {
            mistake($"--output: {read.Output} is a file; name a folder.");
        }

        if (read.Baseline is not null && !File.Exists(read.Baseline))
        {
            mistake($"--baseline: there is no file {read.Baseline}.");
        }

        var restricted = read.Services.Count + read.Policies.Count > 0 || read.Framework is not null;
        if (restricted && !catalog().Policies.Any(p => read.Chooses(p, catalog())))
        {
            mistake("No policy matches --services, --policies, --framework, --severity and --level together; leave one of them out.");
        }
    }

    private static List<T> Each<T>(
        SymbolResult given, Option<string?> option, Action<string> mistake, Func<string, T?> find, Func<string, string> remedy)
        where T : class
    {
        var found = new List<T>();
        foreach (var text in (Text(given, option) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (find(text) is not { } value)
            {
                mistake($"{option.Name}: '{text}': {remedy(text)}.");
            }
            else if (!found.Contains(value))
            {
                found.Add(value);
            }
        }

        return found;
    }

    private static T? One<T>(SymbolResult given, Option<string?> option, Action<string> mistake, Func<string, T?> find, Func<string, string> remedy)
    {
        if (Text(given, option) is not { Length: > 0 } text)
        {
            return default;
        }

        var value = find(text);
        if (value is null)
        {
            mistake($"{option.Name}: '{text}': {remedy(text)}.");
        }

        return value;
    }

    /// <summary>Null if the option, or its value, is missing; the latter is a mistake that the parser reports.</summary>
    private static string? Text(SymbolResult given, Option<string?> option) => given.GetResult(option) is { Tokens: [var token, ..] } ? token.Value : null;

    private static int? FromOf(string band) =>
        Enum.GetValues<SeverityBand>().Select(b => Severities.RangeOf(b).From).Where(from => RowNames.Band(from) == band).Select(from => (int?)from)
            .FirstOrDefault();

    private static ScanLevel? LevelOf(string level) => level switch
    {
        "quick" => ScanLevel.Quick,
        "standard" => ScanLevel.Standard,
        "deep" => ScanLevel.Deep,
        _ => null,
    };

    private static string Suggest(string written, IEnumerable<string> known) => Nearest.To(written, known) is { } near ? $" (did you mean {near}?)" : "";
}
