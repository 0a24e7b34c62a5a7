using System.Globalization;
using System.Xml;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Findings;

namespace Qrie.Api.Exports.Formats;

/// <summary>
/// JUnit XML as Jenkins defines it. A resource is a test case of its policy: a finding fails, an unknown verdict is skipped, and so is what an exception holds
/// or what was resolved without becoming compliant. The number of tests of a suite precedes them, so that rows are gathered: a policy with many findings has
/// several suites.
/// </summary>
internal sealed class JUnitFormat : IExportFormat
{
    private const int RowsAtOnce = 1000;
    private const char Replacement = '\uFFFD';

    private static readonly XmlWriterSettings s_settings = new() { Async = true, Indent = true, CloseOutput = false };

    public string Name => "junit";

    public string MediaType => "application/xml; charset=utf-8";

    public string Extension => "junit.xml";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await using var xml = XmlWriter.Create(stream, s_settings);
        await xml.WriteStartDocumentAsync();
        await StartAsync(xml, "testsuites", ("name", "Qrie"));
        if (export.Head.Incomplete is { } why)
        {
            await WriteSuiteAsync(xml, "scan", [new Case("scan", "complete", "error", why, null)]);
        }

        var gathered = new List<ExportRow>();
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            gathered.Add(row);
            if (gathered.Count == RowsAtOnce)
            {
                await WriteSuitesAsync(xml, gathered);
                gathered.Clear();
            }
        }

        await WriteSuitesAsync(xml, gathered);
        foreach (var unread in export.Head.Unread.GroupBy(c => c.Service))
        {
            await WriteSuiteAsync(
                xml, $"{unread.Key} lists",
                [.. unread.Select(c => new Case($"{c.Service}.lists", $"{c.Type} in {c.AccountId}, {c.Region}", "skipped", UnreadText.Of(c), null))]);
        }

        foreach (var (policy, service, resources) in export.Head.Scan?.Passed ?? [])
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{policy.Title}: {resources} resources pass");
            await WriteSuiteAsync(xml, policy.Id, [new Case($"{service}.{policy.Id}", name, null, null, null)]);
        }

        await xml.WriteEndElementAsync();
        await xml.WriteEndDocumentAsync();
        await xml.FlushAsync();
    }

    private static async Task WriteSuitesAsync(XmlWriter xml, List<ExportRow> rows)
    {
        foreach (var policy in rows.GroupBy(r => r.Policy.Id))
        {
            await WriteSuiteAsync(xml, policy.Key, [.. policy.Select(CaseOf)]);
        }

        await xml.FlushAsync();
    }

    private static Case CaseOf(ExportRow row)
    {
        var name = $"{row.Service}.{row.Policy.Id}";
        return row.State switch
        {
            RowState.Active => new Case(
                name, row.Arn, "failure", row.Policy.Title,
                $"Severity {RowNames.Band(row.Severity)} ({row.Severity}), account {row.AccountId}, {row.Region}, since {row.FirstSeen!.Value.Text()}\n"
                + $"{row.Evidence}\n{row.Policy.Remediation}", row.Severity),
            RowState.Unknown => new Case(name, row.Arn, "skipped", row.UnknownText, null),
            RowState.Suppressed => new Case(name, row.Arn, "skipped", row.ExceptionText, null),
            _ when row.ResolvedReason == ResolvedReason.Compliant => new Case(name, row.Arn, null, null, null),
            _ => new Case(name, row.Arn, "skipped", $"Resolved: {(row.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : "")}", null),
        };
    }

    private static async Task WriteSuiteAsync(XmlWriter xml, string name, IReadOnlyList<Case> cases)
    {
        string Count(string outcome) => cases.Count(c => c.Outcome == outcome).ToString(CultureInfo.InvariantCulture);
        await StartAsync(
            xml, "testsuite", ("name", name), ("tests", cases.Count.ToString(CultureInfo.InvariantCulture)), ("failures", Count("failure")),
            ("errors", Count("error")), ("skipped", Count("skipped")));
        foreach (var one in cases)
        {
            await StartAsync(xml, "testcase", ("name", one.Name), ("classname", one.Class));
            if (one.Outcome == "skipped")
            {
                // The schema allows a text here, but no message.
                await StartAsync(xml, one.Outcome);
                await xml.WriteStringAsync(Clean(one.Message ?? ""));
                await xml.WriteEndElementAsync();
            }
            else if (one.Outcome is not null)
            {
                var type = one.Severity is { } severity ? RowNames.Band(severity) : one.Outcome;
                await StartAsync(xml, one.Outcome, ("type", type), ("message", one.Message ?? ""));
                await xml.WriteStringAsync(Clean(one.Text ?? ""));
                await xml.WriteEndElementAsync();
            }

            await xml.WriteEndElementAsync();
        }

        await xml.WriteEndElementAsync();
    }

    private static async Task StartAsync(XmlWriter xml, string name, params (string Name, string Value)[] attributes)
    {
        await xml.WriteStartElementAsync(null, name, null);
        foreach (var (attribute, value) in attributes)
        {
            await xml.WriteAttributeStringAsync(null, attribute, null, Clean(value));
        }
    }

    /// <summary>XML 1.0 has no way to write most control characters.</summary>
    private static string Clean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsPair(text, i) && !XmlConvert.IsXmlChar(text[i]))
            {
                return string.Create(text.Length, text, static (span, whole) =>
                {
                    for (var n = 0; n < span.Length; n++)
                    {
                        span[n] = IsPair(whole, n) || XmlConvert.IsXmlChar(whole[n]) ? whole[n] : Replacement;
                    }
                });
            }
        }

        return text;
    }

    private static bool IsPair(string text, int at) =>
        (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        || (char.IsLowSurrogate(text[at]) && at > 0 && char.IsHighSurrogate(text[at - 1]));

    /// <param name="Outcome">The name of the element that tells it; null for a pass.</param>
    private sealed record Case(string Class, string Name, string? Outcome, string? Message, string? Text, int? Severity = null);
}
