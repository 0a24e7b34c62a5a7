using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;
using Qrie.Domain.Management;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>
/// Streams accounts from a JSON array, or from an object with one under <c>accounts</c>: only one account and the connection's buffer are in memory, and
/// reading stops at the limit of an import.
/// </summary>
internal static class JsonAccounts
{
    /// <summary>The maximum size of an account, as for a CSV record.</summary>
    private const int LongestAccount = 100_000;

    private enum Place
    {
        Begin,
        Member,
        List,
        End,
    }

    /// <exception cref="InvalidInputException">The body has another format, or an account is too large.</exception>
    public static async Task<IReadOnlyList<ImportLine>> ReadAsync(PipeReader body, CancellationToken cancel)
    {
        var lines = new List<ImportLine>();
        var (state, place) = (default(JsonReaderState), Place.Begin);
        try
        {
            while (place != Place.End)
            {
                var read = await body.ReadAsync(cancel);
                var consumed = read.Buffer.Start;
                try
                {
                    consumed = Take(read.Buffer, read.IsCompleted, ref state, ref place, lines);
                    if (place != Place.End && read.Buffer.Slice(consumed).Length > LongestAccount)
                    {
                        throw InvalidInputException.Of("body", $"Account {lines.Count + 1} has more than {LongestAccount} bytes.");
                    }
                }
                finally
                {
                    body.AdvanceTo(consumed, read.Buffer.End); // even if the body is refused; otherwise the connection fails
                }
            }
        }
        catch (JsonException)
        {
            throw InvalidInputException.Of("body", "The body must be CSV (Content-Type: text/csv) or a JSON array of accounts; it is not.");
        }

        return lines;
    }

    /// <summary>Reads the complete tokens of a buffer and returns the consumed position.</summary>
    private static SequencePosition Take(
        ReadOnlySequence<byte> buffer, bool isFinal, ref JsonReaderState state, ref Place place, List<ImportLine> lines)
    {
        var reader = new Utf8JsonReader(buffer, isFinal, state);
        while (place != Place.End)
        {
            var (before, at) = (reader.CurrentState, reader.Position);
            if (!Step(ref reader, ref place, lines))
            {
                state = before;
                return at;
            }
        }

        return reader.Position;
    }

    /// <summary>False if more data is needed.</summary>
    private static bool Step(ref Utf8JsonReader reader, ref Place place, List<ImportLine> lines)
    {
        if (!reader.Read())
        {
            return false;
        }

        switch (place)
        {
            case Place.Begin:
                place = reader.TokenType switch
                {
                    JsonTokenType.StartArray => Place.List,
                    JsonTokenType.StartObject => Place.Member,
                    _ => throw NoList(),
                };
                return true;
            case Place.Member when reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("accounts"u8):
                if (!reader.Read())
                {
                    return false;
                }

                place = reader.TokenType == JsonTokenType.StartArray ? Place.List : throw NoList();
                return true;
            case Place.Member when reader.TokenType == JsonTokenType.PropertyName:
                return reader.TrySkip();
            case Place.Member:
                throw NoList();
            case Place.List when reader.TokenType == JsonTokenType.EndArray:
                place = Place.End;
                return true;
            default:
                var ahead = reader;
                if (!ahead.TrySkip())
                {
                    return false;
                }

                lines.Add(Line(lines.Count + 1, JsonElement.ParseValue(ref reader)));
                place = lines.Count > AccountImport.MostLines ? Place.End : Place.List; // one too many is refused by the caller
                return true;
        }
    }

    private static ImportLine Line(int number, JsonElement item)
    {
        try
        {
            var body = item.ValueKind == JsonValueKind.Object
                ? item.Deserialize<AccountImportEndpoints.ImportBody>(ApiJson.Options)!
                : throw new JsonException(null, "$.account", null, null);
            return new ImportLine(number, body.AccountId, body.ToSettings(), []);
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..].Split('.', '[')[0] : "account";
            var accountId = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("account_id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
            return new ImportLine(number, accountId, new AccountSettings(), [(field, $"{field} has the wrong type.")]);
        }
    }

    private static InvalidInputException NoList() =>
        InvalidInputException.Of("body", "The body must be a JSON array of accounts, or an object with one under accounts.");
}
