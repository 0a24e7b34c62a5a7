using System.Text.Json;

namespace Qrie.Benchmarks;

/// <summary>Writes figures as one JSON object per line, so that a script can compare two runs.</summary>
internal sealed class FigureWriter(TextWriter output)
{
    private const int Digits = 3;

    public void Write(string name, double value, string unit) =>
        output.WriteLine(JsonSerializer.Serialize(new { name, value = Math.Round(value, Digits), unit }));
}
