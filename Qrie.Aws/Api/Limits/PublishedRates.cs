namespace Qrie.Aws.Api.Limits;

/// <summary>
/// The token buckets that AWS documents for reads. A call waits for its bucket before it is sent, instead of being throttled. For most services AWS publishes
/// nothing: their rate is found by <see cref="AdaptiveLimiter"/>, which also applies here, because accounts may have less than what is published.
/// </summary>
internal static class PublishedRates
{
    /// <summary>What an inventory takes of a published bucket: others in the account need it, too.</summary>
    private const double Share = 0.8;

    private const string Common = "*";

    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: each API action on its own; non-mutating ones.
    private static readonly RequestRate _ec2 = Taken(100, 20);

    // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html: non-mutating actions of each version of the API together.
    private static readonly RequestRate _loadBalancing = Taken(40, 10);

    // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/throttling-api-requests.html: all API actions of the account together.
    private static readonly RequestRate _route53 = Taken(50, 10);

    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, section API requests: two with a quota of their own, all others together.
    private static readonly RequestRate _getFunction = Taken(100, 100);
    private static readonly RequestRate _lambda = Taken(15, 15);

    // https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    private static readonly RequestRate _contacts = Taken(15, 10);
    private static readonly RequestRate _accountRegions = Taken(5, 5);

    /// <summary>
    /// The rate of a service to begin with. S3 serves 5,500 GET requests per second and prefix, and settings are spread over all buckets:
    /// https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html.
    /// </summary>
    public static double InitialOf(string service) => service == "s3" ? 400 : AdaptiveLimiter.InitialRate;

    /// <summary>The bucket of an operation and its rate; null if AWS publishes none.</summary>
    public static (string Bucket, RequestRate Rate)? Find(string service, string operation) => (service, operation) switch
    {
        ("ec2", _) => (operation, _ec2),
        ("elb" or "elbv2", _) => (Common, _loadBalancing),
        ("route53", _) => (Common, _route53),
        ("lambda", "GetFunction") => (operation, _getFunction),
        ("lambda", "GetPolicy") => (operation, _lambda),
        ("lambda", _) => (Common, _lambda),
        ("account", "GetAlternateContact" or "GetContactInformation") => (operation, _contacts),
        ("account", "ListRegions" or "GetRegionOptStatus") => (operation, _accountRegions),
        _ => null,
    };

    private static RequestRate Taken(double burst, double perSecond) => new(burst * Share, perSecond * Share);
}
