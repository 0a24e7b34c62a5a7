using System.Text.Json;
using CsvHelper;
using Qrie.Domain.Accounts;
using Qrie.Domain.Management;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>Reads accounts from CSV: RFC 4180, UTF-8, the first line names the columns. Empty cells count as not given.</summary>
internal static class CsvAccounts
{
    private static readonly string[] _columns = ["account_id", "name", "ou", "tags", "role_arn", "external_id", "regions", "services"];

    private static readonly CsvReaderOptions _csv = new()
    {
        Separator = ',',
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MaxRecordSize = 100_000,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <exception cref="InvalidInputException">The first line names unknown columns, or the text is not CSV.</exception>
    public static async Task<IReadOnlyList<ImportLine>> ReadAsync(Stream body, CancellationToken cancel)
    {
        await using var csv = CsvReader.Create(body, _csv, leaveOpen: true);
        try
        {
            await csv.ReadHeaderAsync(cancel);
            var header = Header([.. csv.Headers]);
            var lines = new List<ImportLine>();
            while (lines.Count <= AccountImport.MostLines && await csv.ReadAsync(cancel)) // one too many is refused by the caller
            {
                lines.Add(Line((int)csv.LineNumber, header, csv.Current.ToArray()));
            }

            return lines;
        }
        catch (CsvFormatException e)
        {
            throw InvalidInputException.Of("body", $"The body is not CSV: {(e.LineNumber > 0 ? $"line {e.LineNumber}: " : "")}{e.Message.Split('\n')[0]}");
        }
    }

    private static string[] Header(string[] record)
    {
        var header = Array.ConvertAll(record, cell => cell.Trim().ToLowerInvariant());
        var errors = new FieldErrors();
        foreach (var name in header.Where(name => !_columns.Contains(name)))
        {
            errors.Add("body", $"Line 1 names the column '{name}'; there are {string.Join(", ", _columns)}, with commas between them.");
        }

        errors.Require(header.Contains("account_id"), "body", "Line 1 must name the column account_id.");
        errors.Require(header.Distinct().Count() == header.Length, "body", "Line 1 names a column twice.");
        errors.ThrowIfAny();
        return header;
    }

    private static ImportLine Line(int number, string[] header, string[] record)
    {
        var errors = new List<(string, string)>();
        if (record.Length > header.Length)
        {
            errors.Add(("line", $"The line has {record.Length} cells, the first one {header.Length}; quote cells that hold commas."));
        }

        var cells = header.Zip(record).Where(cell => cell.Second.Length > 0).ToDictionary(cell => cell.First, cell => cell.Second);
        return new ImportLine(
            number, cells.GetValueOrDefault("account_id"),
            new AccountSettings
            {
                Name = cells.GetValueOrDefault("name"),
                Ou = cells.GetValueOrDefault("ou"),
                Tags = Tags(cells.GetValueOrDefault("tags"), errors),
                RoleArn = cells.GetValueOrDefault("role_arn"),
                ExternalId = cells.GetValueOrDefault("external_id"),
                Regions = Words(cells.GetValueOrDefault("regions")),
                Services = Words(cells.GetValueOrDefault("services")),
            },
            errors);
    }

    private static string[]? Words(string? text) => text?.Split([' ', ';', ','], StringSplitOptions.RemoveEmptyEntries);

    /// <summary><c>key=value;key=value</c>, or a JSON object for keys and values that contain these characters.</summary>
    private static Dictionary<string, string>? Tags(string? text, List<(string, string)> errors)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            if (text.StartsWith('{'))
            {
                return JsonSerializer.Deserialize<Dictionary<string, string>>(text);
            }

            var pairs = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToList();
            if (pairs.TrueForAll(pair => pair.Length == 2) && pairs.DistinctBy(pair => pair[0].Trim()).Count() == pairs.Count)
            {
                return pairs.ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim());
            }
        }
        catch (JsonException)
        {
            // Reported below.
        }

        errors.Add(("tags", "tags must be key=value;key=value, each key once, or a JSON object of texts."));
        return null;
    }
}
