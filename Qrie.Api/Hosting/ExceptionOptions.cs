using System.ComponentModel.DataAnnotations;
using Qrie.Domain.Findings.Exceptions;

namespace Qrie.Api.Hosting;

internal sealed class ExceptionOptions
{
    public const string Section = "Exceptions";

    /// <summary>How many days ahead an exception may expire.</summary>
    [Range(1, 3660)]
    public int MaxDays { get; set; } = 365;

    /// <summary>For how many days before it expires an exception is marked as expiring.</summary>
    [Range(0, 365)]
    public int WarnDays { get; set; } = 14;

    public ExceptionSettings ToSettings() => new(MaxDays, WarnDays);
}
