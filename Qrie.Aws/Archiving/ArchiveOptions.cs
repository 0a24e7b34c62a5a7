using System.ComponentModel.DataAnnotations;

namespace Qrie.Aws.Archiving;

/// <summary>Where archives of findings go; the section <c>Archive</c> of the configuration.</summary>
public sealed class ArchiveOptions
{
    public const string Section = "Archive";

    /// <summary>The bucket. Null or empty: no archives.</summary>
    [RegularExpression("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", ErrorMessage = "Archive:Bucket must be the name of an S3 bucket.")]
    public string? Bucket { get; set; }

    /// <summary>Precedes every key, followed by a slash. May be empty.</summary>
    [RegularExpression("^[A-Za-z0-9!_.*'()-][A-Za-z0-9!_.*'()/-]{0,255}$", ErrorMessage = "Archive:Prefix must have letters, digits and slashes.")]
    public string? Prefix { get; set; } = "qrie";

    /// <summary>The bucket's region. Null or empty: Qrie's default region.</summary>
    [RegularExpression("^[a-z]{2}(-[a-z]+)+-[0-9]$", ErrorMessage = "Archive:Region must be a region, as in eu-west-1.")]
    public string? Region { get; set; }
}
