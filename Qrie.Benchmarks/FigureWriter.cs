using System.Text.Json;

namespace Qrie.Benchmarks;

/// <summary>Writes figures, one JSON object on a line each, so that two runs can be compared by a script.</summary>
internal sealed class FigureWriter(TextWriter output)
{
    private const int Digits = 3;

    public void Write(string name, double value, string unit) =>
        output.WriteLine(JsonSerializer.Serialize(new { name, value = Math.Round(value, Digits), unit }));
}
