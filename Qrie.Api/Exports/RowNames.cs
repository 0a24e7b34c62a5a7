using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Exports;

/// <summary>The names of states and severities in exports.</summary>
internal static class RowNames
{
    public static string Of(RowState state) => state.ToString().ToUpperInvariant();

    public static string Of(BaselineState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    /// <summary>critical, high, medium or low.</summary>
    public static string Band(int severity) => JsonNamingPolicy.SnakeCaseLower.ConvertName(Severities.BandOf(severity).ToString());
}
