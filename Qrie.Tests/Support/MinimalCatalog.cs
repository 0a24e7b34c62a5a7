using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Tests.Support;

/// <summary>A catalog of two services and the policies that a test gives it. The only place in these tests that makes one.</summary>
public sealed class MinimalCatalog : ICatalog
{
    public MinimalCatalog(params PolicyDefinition[] policies) => Policies = policies;

    /// <summary>May be changed while a test runs, as a reload does.</summary>
    public IReadOnlyList<PolicyDefinition> Policies
    {
        get => [.. Current.Policies.Values];
        set => Current = Build(value);
    }

    public ResourceCatalog Current { get; private set; } = null!;

    public static PolicyDefinition Policy(
        string id = Some.Public, int severity = 60, bool timeDependent = false, string definitionHash = "definition-1", string service = "s3",
        string type = Some.BucketType, Dictionary<string, JsonElement>? parameters = null) => new()
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
        };

    private static ResourceCatalog Build(IReadOnlyList<PolicyDefinition> policies) => new()
    {
        Services = new Dictionary<string, ServiceDefinition>
        {
            ["ec2"] = new("ec2", "Amazon EC2", [new ResourceTypeDefinition("AWS::EC2::Instance", CatalogScope.Regional)]),
            ["s3"] = new("s3", "Amazon S3", [new ResourceTypeDefinition(Some.BucketType, CatalogScope.Global)]),
        },
        Policies = policies.ToDictionary(p => p.Id),
    };
}
