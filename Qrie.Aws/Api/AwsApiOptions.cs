using System.ComponentModel.DataAnnotations;

namespace Qrie.Aws.Api;

/// <summary>How Qrie reaches AWS; the section <c>Aws</c> of the configuration.</summary>
public sealed class AwsApiOptions
{
    public const string Section = "Aws";

    /// <summary>The address of an emulator, used for every service. Null: <c>AWS_ENDPOINT_URL</c>, else AWS itself.</summary>
    [Url]
    public string? Endpoint { get; set; }

    /// <summary>
    /// The default region, for STS and calls without a region. Null: <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c>, the profile's, else <c>us-east-1</c>.
    /// </summary>
    public string? Region { get; set; }

    /// <summary>The regions in which regional types are read, separated by commas. Null: the account's enabled regions.</summary>
    public string? Regions { get; set; }

    /// <summary>The role to assume in accounts without a role of their own; <c>{account}</c> is replaced by the account id. May contain a path.</summary>
    [RegularExpression(@"^[\w+=,.@/{}-]{1,576}$")]
    public string RoleName { get; set; } = "QrieReadOnly-{account}";

    /// <summary>The external id for accounts without one of their own.</summary>
    [StringLength(1224, MinimumLength = 2)]
    public string? ExternalId { get; set; }

    /// <summary>The time limit for opening a connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The time limit for one attempt, from the request to the last byte of the response.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The time limit for finding credentials: if there are none, the last source is the instance metadata service, which does not respond outside AWS.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan CredentialsTimeout { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>Attempts per call, except after throttling.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 4;

    /// <summary>Attempts per throttled call. More than otherwise, because a throttled call succeeds after waiting.</summary>
    [Range(1, 50)]
    public int MaxThrottledAttempts { get; set; } = 12;

    /// <summary>The delay before the first retry; it doubles up to 20 s, and half of it is random.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Concurrent calls per account, region and service.</summary>
    [Range(1, 500)]
    public int MaxConcurrency { get; set; } = 32;

    /// <summary>The maximum of calls per second per account, region and service; the adaptive rate stays below it.</summary>
    [Range(0.1, 10_000)]
    public double MaxRate { get; set; } = 500;
}
