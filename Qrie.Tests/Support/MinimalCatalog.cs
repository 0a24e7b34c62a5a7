using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Tests.Support;

/// <summary>A catalog with two services and given policies. Tests create such catalogs only here.</summary>
public sealed class MinimalCatalog : ICatalog
{
    public MinimalCatalog(params PolicyDefinition[] policies) => Policies = policies;

    /// <summary>May be changed during a test, as by a reload.</summary>
    public IReadOnlyList<PolicyDefinition> Policies
    {
        get => Current.Policies;
        set => Current = Build(value);
    }

    public ResourceCatalog Current { get; private set; } = null!;

    public static PolicyDefinition Policy(
        string id = Some.Public, int severity = 60, bool timeDependent = false, string definitionHash = "definition-1", string service = "s3",
        string type = Some.BucketType, Dictionary<string, JsonElement>? parameters = null,
        string[]? aliases = null, bool deprecated = false) => new()
        {
            Id = id,
            Title = id,
            Description = id,
            ResourceType = type,
            Service = service,
            Category = "data_protection",
            Severity = severity,
            Params = parameters ?? [],
            Violation = [],
            Remediation = "",
            TimeDependent = timeDependent,
            DefinitionHash = definitionHash,
            Aliases = aliases ?? [],
            Deprecated = deprecated,
        };

    private static ResourceCatalog Build(IReadOnlyList<PolicyDefinition> policies) => new(_services, policies);

    private const string Ec2 =
        """
        service: ec2
        name: Amazon EC2
        scope: regional
        resources:
          - type: AWS::EC2::Instance
            list: { call: 'ec2:DescribeInstances', select: 'Reservations[].Instances[]' }
            id: InstanceId
            arn: 'arn:{$partition}:ec2:{$region}:{$account}:instance/{InstanceId}'
        """;

    /// <summary>A service file with buckets only.</summary>
    public const string S3 =
        """
        service: s3
        name: Amazon S3
        scope: global
        resources:
          - type: AWS::S3::Bucket
            list: { call: 's3:ListBuckets', select: Buckets }
            id: Name
            arn: 'arn:{$partition}:s3:::{Name}'
        """;

    private static readonly IReadOnlyList<ServiceDefinition> _services = CatalogLoader.Load(
        [new CatalogFile("services/ec2.yaml", Ec2, CatalogFileKind.Service), new CatalogFile("services/s3.yaml", S3, CatalogFileKind.Service)]).Services;
}
