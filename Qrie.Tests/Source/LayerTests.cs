using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Qrie.Tests.Source;

/// <summary>The directions of dependencies between projects and within Qrie.Domain (docs/architecture.md).</summary>
public sealed class LayerTests
{
    private static readonly Architecture _architecture = new ArchLoader().LoadAssemblies(
        typeof(Qrie.Api.Hosting.QrieHost).Assembly, typeof(Qrie.Aws.AwsServices).Assembly, typeof(Qrie.Sql.SqlStores).Assembly,
        typeof(Qrie.Dynamo.DynamoStores).Assembly,
        typeof(Qrie.Domain.AccountService).Assembly, typeof(Qrie.JmesPath.JmesPathExpression).Assembly,
        typeof(Qrie.Ui.UiServices).Assembly).Build();

    /// <summary>Patterns of the namespaces of Qrie.Domain, lowest layer first: each may use those before it.</summary>
    private static readonly string[] _layers =
    [
        @"^Qrie\.Domain$",
        @"^Qrie\.Domain\.(Transfer|Validation|Work)$",
        @"^Qrie\.Domain\.Policies\.(Functions|Documents|Network|Logs)$",
        @"^Qrie\.Domain\.Catalog(\..+)?$",
        @"^Qrie\.Domain\.Access(\..+)?$",
        @"^Qrie\.Domain\.Accounts(\..+)?$",
        @"^Qrie\.Domain\.Inventory$",
        @"^Qrie\.Domain\.Policies(\.(Drafts|Lookups|Testing))?$",
        @"^Qrie\.Domain\.Findings(\..+)?$",
        @"^Qrie\.Domain\.Archiving$",
        @"^Qrie\.Domain\.Scans$",
        @"^Qrie\.Domain\.Management$",
        @"^Qrie\.Domain\.Events$",
        @"^Qrie\.Domain\.(Dashboard|Schedules)$",
        @"^Qrie\.Domain\.Compliance$",
        @"^Qrie\.Domain\.Alerts$",
        @"^Qrie\.Domain\.Registration$",
    ];

    public static TheoryData<string, string> Layers
    {
        get
        {
            var data = new TheoryData<string, string>();
            for (var i = 0; i < _layers.Length - 1; i++)
            {
                data.Add(_layers[i], string.Join('|', _layers[(i + 1)..]));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_layer_of_the_domain_uses_lower_layers_only(string layer, string higher) =>
        Types().That().ResideInNamespaceMatching(layer).Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(higher)).Check(_architecture);

    [Fact]
    public void Every_namespace_of_the_domain_belongs_to_a_layer() =>
        Types().That().ResideInNamespaceMatching(@"^Qrie\.Domain(\..+)?$").Should().ResideInNamespaceMatching(string.Join('|', _layers)).Check(_architecture);

    [Theory]
    [InlineData("JmesPath", "Domain|Aws|Sql|Dynamo|Api|Ui")]
    [InlineData("Domain", "Aws|Sql|Dynamo|Api|Ui")]
    [InlineData("Aws", "Sql|Dynamo|Api|Ui")]
    [InlineData("Sql", "Aws|Dynamo|Api|Ui")]
    [InlineData("Dynamo", "Aws|Sql|Api|Ui")]
    [InlineData("Ui", "JmesPath|Domain|Aws|Sql|Dynamo|Api")]
    public void Projects_depend_inwards(string project, string others) =>
        Types().That().ResideInNamespaceMatching($@"^Qrie\.{project}(\..+)?$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^Qrie\.({others})(\..+)?$")).Check(_architecture);
}
