using System.Text;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Evaluation;

/// <summary>The bounds of a slice; null for the end on that side. The step is never 0.</summary>
internal sealed record Slice(int? Start, int? Stop, int Step)
{
    /// <summary>The first index and the number of elements, for a sequence of that length.</summary>
    public (int First, int Count) Resolve(int length)
    {
        var forwards = Step > 0;
        var first = Start is { } start ? Clamp(start, length, forwards) : forwards ? 0 : length - 1;
        var end = Stop is { } stop ? Clamp(stop, length, forwards) : forwards ? length : -1;
        var distance = forwards ? (long)end - first : (long)first - end;
        var step = Math.Abs((long)Step);
        return (first, distance <= 0 ? 0 : (int)((distance + step - 1) / step));
    }

    /// <summary>The part of a text, counted in code points.</summary>
    public string Of(string text)
    {
        var points = CodePoints.Of(text);
        var (first, count) = Resolve(points.Count);
        var part = new StringBuilder(count);
        for (var i = 0; i < count; i++)
        {
            part.Append(points[first + (int)((long)i * Step)]);
        }

        return part.ToString();
    }

    private static int Clamp(int bound, int length, bool forwards)
    {
        // Backwards, the index before the first element, -1, is also a valid bound.
        var (lowest, highest) = forwards ? (0, length) : (-1, length - 1);
        return Math.Clamp(bound < 0 ? bound + length : bound, lowest, highest);
    }
}
