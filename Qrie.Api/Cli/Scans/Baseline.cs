using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Api.Exports;

namespace Qrie.Api.Cli.Scans;

/// <summary>The findings of an earlier export. Sixteen bytes of each are kept.</summary>
internal sealed class Baseline
{
    private readonly HashSet<UInt128> _ids = [];

    public int Count => _ids.Count;

    /// <summary>Reads an export in JSON lines; findings that were resolved and unknown verdicts are not part of it.</summary>
    /// <exception cref="FormatException">A line is not a row of such an export.</exception>
    public static async Task<Baseline> ReadAsync(string file, CancellationToken cancel)
    {
        var baseline = new Baseline();
        var number = 0;
        await foreach (var line in File.ReadLinesAsync(file, cancel))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            try
            {
                var row = JsonElement.Parse(line);
                if (row.GetProperty("state").ValueEquals(RowNames.Of(RowState.Active)))
                {
                    baseline._ids.Add(Key(row.GetProperty("finding_id").GetString()!));
                }
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
            {
                throw new FormatException($"Line {number} of {file} is not a row of an export in the format jsonl.");
            }
        }

        return baseline;
    }

    public bool Contains(string findingId) => _ids.Contains(Key(findingId));

    /// <summary>The rows, with what the comparison says about each finding.</summary>
    public async IAsyncEnumerable<ExportRow> Compare(IAsyncEnumerable<ExportRow> rows, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in rows.WithCancellation(cancel))
        {
            yield return row.State != RowState.Active
                ? row
                : row with { Baseline = Contains(row.FindingId) ? BaselineState.Unchanged : BaselineState.New };
        }
    }

    private static UInt128 Key(string findingId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(findingId), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
