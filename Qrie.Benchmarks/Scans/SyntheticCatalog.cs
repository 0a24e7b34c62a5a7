using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Scans;

namespace Qrie.Benchmarks.Scans;

/// <summary>
/// The catalog for measuring scans: four services with one type each and ten policies per type. Two of the ten read policy documents; those of the last type
/// depend on an age.
/// </summary>
internal sealed class SyntheticCatalog : ICatalog
{
    public static readonly IReadOnlyList<string> Services = ["alpha", "beta", "gamma", "delta"];

    /// <summary>The only type whose verdicts depend on time.</summary>
    public const string TimeDependentService = "delta";

    /// <summary>Each reads its own attribute, so that each fails and is unknown independently of the others.</summary>
    private static readonly (string Attribute, string Violation)[] s_policies =
    [
        ("Versioning", "Versioning.Status != 'Enabled'"),
        ("Encryption", "!Encryption.Rules[?Apply.Algorithm == 'aws:kms']"),
        ("Logging", "!Logging.TargetBucket"),
        ("PublicAccess", "!(PublicAccess.BlockPublicAcls && PublicAccess.BlockPublicPolicy && PublicAccess.RestrictPublicBuckets)"),
        ("Grants", "Grants[?Grantee.URI == 'http://acs.amazonaws.com/groups/global/AllUsers']"),
        ("Retention", "Retention.Days < `30`"),
        ("Permissions", "open_ports(Permissions, `[22]`, `95`)"),
        ("Class", "!contains(['STANDARD', 'GLACIER'], Class)"),
        ("Policy", "public_statements(Policy)"),
        ("TrustPolicy", "external_principals(TrustPolicy, $account)"),
    ];

    /// <summary>The policies of <see cref="ScanLevel.Quick"/>: four of ten, as in the built-in catalog (124 of 311).</summary>
    private static readonly IReadOnlyList<string> s_highAttributes = ["PublicAccess", "Grants", "Policy", "TrustPolicy"];

    public static int PoliciesPerType => s_policies.Length;

    public ResourceCatalog Current { get; } = CatalogLoader.Load([.. Services.SelectMany(FilesOf)]);

    public static string AttributeOf(int policy) => s_policies[policy].Attribute;

    public static string TypeOf(string service) => $"AWS::{char.ToUpperInvariant(service[0])}{service[1..]}::Thing";

    private static IEnumerable<CatalogFile> FilesOf(string service)
    {
        yield return new CatalogFile($"services/{service}.yaml", ServiceText(service), CatalogFileKind.Service);
        foreach (var (attribute, violation) in s_policies)
        {
            var own = service == TimeDependentService && attribute == "Retention" ? "age_days(Retention.Since) > $days" : violation;
            var id = $"{service.ToUpperInvariant()}{attribute}Bad";
            var severity = s_highAttributes.Contains(attribute) ? 60 : 40;
            yield return new CatalogFile($"policies/{service}/{id}.yaml", PolicyText(id, TypeOf(service), own, severity), CatalogFileKind.Policy);
        }
    }

    private static string ServiceText(string service) =>
        $$"""
        service: {{service}}
        name: {{service}}
        scope: global
        resources:
          - type: {{TypeOf(service)}}
            list: { call: 's3:ListBuckets', select: Buckets }
            id: Name
            arn: 'arn:{$partition}:s3:::{Name}'
        """;

    private static string PolicyText(string id, string type, string violation, int severity) =>
        $$"""
        id: {{id}}
        title: {{id}}
        description: Synthetic.
        resource: {{type}}
        category: data_protection
        severity: {{severity}}
        {{(violation.Contains("$days", StringComparison.Ordinal) ? "params: { days: 3650 }" : "")}}
        violation: "{{violation}}"
        remediation: None.
        tests: [{ name: good, config: { Name: a }, expect: pass }, { name: bad, config: { Name: a }, expect: fail }]
        """;
}
