using System.Globalization;
using System.Text;
using System.Text.Json;
using Qrie.Domain.Inventory;

namespace Qrie.Benchmarks.Scans;

/// <summary>Resources of about 2 KB whose violations depend on their number: 5 % of all (resource, policy) pairs fail, 0.1 % are unknown.</summary>
internal sealed class SyntheticResources(int count, int accounts, DateTimeOffset at)
{
    private const int FailsPerMille = 50;
    private const int TimeDependentPercent = 20;

    public IEnumerable<string> Accounts => Enumerable.Range(0, accounts).Select(AccountId);

    public static string AccountId(int number) => (100_000_000_000 + number).ToString(CultureInfo.InvariantCulture);

    /// <summary>The number of resources of a service per account: the time-dependent type has a fifth of all.</summary>
    public int CountOf(string service) =>
        service == SyntheticCatalog.TimeDependentService
            ? count / accounts * TimeDependentPercent / 100
            : count / accounts * (100 - TimeDependentPercent) / 100 / (SyntheticCatalog.Services.Count - 1);

    public IEnumerable<CollectedResource> Of(string accountId, string service) =>
        Enumerable.Range(0, CountOf(service)).Select(i => Resource(accountId, service, i, at));

    public static CollectedResource Resource(string accountId, string service, int number, DateTimeOffset describeTime, int revision = 0)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{service}-{accountId}-{number:00000000}");
        var seed = Mix((ulong)number * 31 + ulong.Parse(accountId, CultureInfo.InvariantCulture) + (ulong)service.Length);
        var unknown = new Dictionary<string, string>();
        for (var policy = 0; policy < SyntheticCatalog.PoliciesPerType; policy++)
        {
            if (Draw(seed, policy) == 999)
            {
                unknown[SyntheticCatalog.AttributeOf(policy)] = "AccessDenied";
            }
        }

        var json = Configuration(name, seed, unknown, revision);
        var configuration = JsonElement.Parse(json);
        return new CollectedResource
        {
            AccountId = accountId,
            Service = service,
            Type = SyntheticCatalog.TypeOf(service),
            Arn = $"arn:aws:{service}:eu-west-1:{accountId}:thing/{name}",
            Id = name,
            Region = "eu-west-1",
            ListedIn = Regions.Global,
            Tags = new Dictionary<string, string> { ["Environment"] = "production" },
            Configuration = configuration,
            Unknown = unknown,
            Hash = ConfigurationHash.Of(configuration, []),
            DescribeTime = describeTime,
        };
    }

    private static string Configuration(string name, ulong seed, Dictionary<string, string> unknown, int revision)
    {
        bool Bad(int policy) => Draw(seed, policy) < FailsPerMille;
        var text = new StringBuilder(2300);
        text.Append(CultureInfo.InvariantCulture, $$"""{"Name":"{{name}}","Revision":{{revision}}""");
        Add(0, $$"""{"Status":"{{(Bad(0) ? "Suspended" : "Enabled")}}"}""");
        Add(1, $$$"""{"Rules":[{"Apply":{"Algorithm":"{{{(Bad(1) ? "AES256" : "aws:kms")}}}","KeyId":"{{{seed:x16}}}"},"BucketKeyEnabled":true}]}""");
        Add(2, Bad(2) ? "{}" : $$"""{"TargetBucket":"logs-{{seed % 1000}}","TargetPrefix":"{{name}}/"}""");
        Add(3, $$"""{"BlockPublicAcls":{{(Bad(3) ? "false" : "true")}},"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}""");
        Add(4, Grants(Bad(4), seed));
        Add(5, $$"""{"Days":{{(Bad(5) ? 7 : 90)}},"Since":"{{(Bad(5) ? "2010" : "2024")}}-05-04T09:00:00Z"}""");
        Add(
            6,
            $$"""[{"IpProtocol":"tcp","FromPort":{{(Bad(6) ? 0 : 443)}},"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[]},"""
            + """{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8"}],"Ipv6Ranges":[]}]""");
        Add(7, Bad(7) ? "\"REDUCED\"" : "\"STANDARD\"");
        Add(8, Policy(Bad(8) ? "*" : "arn:aws:iam::100000000000:role/reader", name));
        Add(9, Policy(Bad(9) ? "arn:aws:iam::999999999999:root" : $"arn:aws:iam::{name.Split('-')[1]}:role/deployer", name));
        for (var i = 0; text.Length < 2000; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $$"""{{(i == 0 ? ",\"Lifecycle\":[" : ",")}}{"Id":"rule-{{Mix(seed + (ulong)i):x8}}","Prefix":"data/{{i}}/","Days":{{i * 30}}}""");
        }

        text.Append(']');
        if (unknown.Count > 0)
        {
            text.Append(",\"_unknown\":").Append(JsonSerializer.Serialize(unknown));
        }

        return text.Append('}').ToString();

        void Add(int policy, string value)
        {
            var attribute = SyntheticCatalog.AttributeOf(policy);
            if (!unknown.ContainsKey(attribute))
            {
                text.Append(",\"").Append(attribute).Append("\":").Append(value);
            }
        }
    }

    private static string Grants(bool open, ulong seed) =>
        "[" + string.Join(
            ',', Enumerable.Range(0, 3).Select(i => $$$"""{"Grantee":{"ID":"{{{Mix(seed + (ulong)i):x16}}}","Type":"CanonicalUser"},"Permission":"READ"}"""))
        + (open ? """,{"Grantee":{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"}""" : "") + "]";

    private static string Policy(string principal, string name) =>
        $$$$"""
        {"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["{{{{principal}}}}"]},"Action":["s3:GetObject","s3:ListBucket"],
        "Resource":["arn:aws:s3:::{{{{name}}}}/*"]},{"Sid":"Tls","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:*"],
        "Resource":["arn:aws:s3:::{{{{name}}}}"],"Condition":{"Bool":{"aws:securetransport":["false"]}}}]}
        """;

    private static int Draw(ulong seed, int policy) => (int)(Mix(seed + ((ulong)policy * 0x9E3779B97F4A7C15)) % 1000);

    /// <summary>SplitMix64, so that the same number results in the same resource on every machine.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
