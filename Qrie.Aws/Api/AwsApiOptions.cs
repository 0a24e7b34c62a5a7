using System.ComponentModel.DataAnnotations;

namespace Qrie.Aws.Api;

/// <summary>How Qrie reaches AWS; the section <c>Aws</c> of the configuration.</summary>
public sealed class AwsApiOptions
{
    public const string Section = "Aws";

    /// <summary>One address for every service: an emulator. Null: <c>AWS_ENDPOINT_URL</c>, else AWS itself.</summary>
    [Url]
    public string? Endpoint { get; set; }

    /// <summary>
    /// The region to start from: STS, and calls that name none. Null: <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c>, the profile's, else <c>us-east-1</c>.
    /// </summary>
    public string? Region { get; set; }

    /// <summary>Comma list of the regions to read regional types in. Null: the account's enabled ones.</summary>
    public string? Regions { get; set; }

    /// <summary>The role to assume in accounts that name none; <c>{account}</c> stands for the account id. May hold a path.</summary>
    [RegularExpression(@"^[\w+=,.@/{}-]{1,576}$")]
    public string RoleName { get; set; } = "QrieReadOnly-{account}";

    /// <summary>The external id for accounts that name none.</summary>
    [StringLength(1224, MinimumLength = 2)]
    public string? ExternalId { get; set; }

    /// <summary>How long opening a connection may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one attempt may take, from the request to the last byte of the answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long looking for credentials may take: without any, the instance metadata service is asked last and does not answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan CredentialsTimeout { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>Attempts per call for everything but throttling.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 4;

    /// <summary>Attempts per call that is throttled: waiting helps, giving up does not.</summary>
    [Range(1, 50)]
    public int MaxThrottledAttempts { get; set; } = 12;

    /// <summary>The pause before the first repetition; it doubles up to 20 s, and half of it is random.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Calls in flight per account, region and service.</summary>
    [Range(1, 500)]
    public int MaxConcurrency { get; set; } = 16;

    /// <summary>Calls per second per account, region and service; the adaptive rate stays below.</summary>
    [Range(0.1, 10_000)]
    public double MaxRate { get; set; } = 500;
}
