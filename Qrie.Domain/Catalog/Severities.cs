namespace Qrie.Domain.Catalog;

public static class Severities
{
    public const int Min = 0;
    public const int Max = 100;

    /// <summary>The least severity of the band high.</summary>
    public const int High = 50;

    public static SeverityBand BandOf(int severity) => severity switch
    {
        >= 90 => SeverityBand.Critical,
        >= High => SeverityBand.High,
        >= 25 => SeverityBand.Medium,
        _ => SeverityBand.Low,
    };

    /// <summary>Both bounds are inclusive.</summary>
    public static (int From, int To) RangeOf(SeverityBand band) => band switch
    {
        SeverityBand.Critical => (90, Max),
        SeverityBand.High => (High, 89),
        SeverityBand.Medium => (25, 49),
        _ => (Min, 24),
    };
}
