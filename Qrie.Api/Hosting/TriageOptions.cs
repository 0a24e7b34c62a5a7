using System.ComponentModel.DataAnnotations;
using Qrie.Domain.Findings.Triage;

namespace Qrie.Api.Hosting;

/// <summary>Days until findings of each severity should be resolved.</summary>
internal sealed class TriageOptions
{
    public const string Section = "Triage:Sla";

    [Range(0, 3660)]
    public int Critical { get; set; } = 7;

    [Range(0, 3660)]
    public int High { get; set; } = 30;

    [Range(0, 3660)]
    public int Medium { get; set; } = 90;

    [Range(0, 3660)]
    public int Low { get; set; } = 180;

    public TriageSettings ToSettings() => new(Critical, High, Medium, Low);
}
