using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Tests.Catalog;

/// <summary>A copy of the shipped catalog, compiled.</summary>
public sealed class CompiledFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("qrie-compiled-").FullName;

    public string Folder { get; }

    public CompiledFolder()
    {
        Folder = System.IO.Path.Combine(Path, "catalog");
        foreach (var file in Directory.EnumerateFiles(ShippedCatalog.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(Folder, System.IO.Path.GetRelativePath(ShippedCatalog.Folder, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        CatalogLoader.Compile(Folder, ShippedCatalog.Shapes);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>What a build checked once is read as what it was, and only then.</summary>
public sealed class CompiledCatalogTests(CompiledFolder compiled) : IClassFixture<CompiledFolder>
{
    private const string Policy = "policies/s3/S3BucketPublic.yaml";

    [Fact]
    public void The_compiled_catalog_is_the_catalog()
    {
        CatalogLoader.IsCompiled(compiled.Folder).ShouldBeTrue();
        var (read, whole) = (CatalogLoader.Load([compiled.Folder], ShippedCatalog.Shapes), ShippedCatalog.Instance);

        Json(read.Policies).ShouldBe(Json(whole.Policies));
        Json(read.Frameworks).ShouldBe(Json(whole.Frameworks));
        read.Policies.Select(p => p.Tests.Count).Sum().ShouldBeGreaterThan(1000);
        read.Services.Select(s => (s.Key, s.EventSource, s.Irrelevant.Count)).ShouldBe(whole.Services.Select(s => (s.Key, s.EventSource, s.Irrelevant.Count)));
        foreach (var type in whole.Services.SelectMany(s => s.Resources))
        {
            read.FindType(type.Type)!.Describe.Select(a => a.Name).ShouldBe(type.Describe.Select(a => a.Name));
            read.Shapes.Of(type.Type).ToString().ShouldBe(whole.Shapes.Of(type.Type).ToString(), type.Type);
        }

        static string Json<T>(IReadOnlyList<T> definitions) => JsonSerializer.Serialize(definitions.Select(Comparable));

        static object Comparable<T>(T definition) => definition is PolicyDefinition p
            ? $"{(p.Id, p.Title, p.Description, p.Remediation, p.Fix, p.DefinitionHash, p.TimeDependent)}"
                + Facts(p.References, p.Equivalents, p.Aliases, p.Tests)
            : definition!;

        static string Facts(params object[] facts) => JsonSerializer.Serialize(facts);
    }

    [Theory]
    [InlineData("a policy was changed")]
    [InlineData("a model was changed")]
    [InlineData("a file was added")]
    [InlineData("a file was deleted")]
    public void After_any_change_of_a_file_every_file_is_read_and_checked(string change)
    {
        var (policy, model) = (Path.Combine(compiled.Folder, Policy), Path.Combine(compiled.Folder, "aws", "models", "sqs.json"));
        var added = Path.Combine(compiled.Folder, "policies", "s3", "S3BucketOther.yaml");
        var (policyWas, modelWas) = (File.ReadAllText(policy), File.ReadAllText(model));
        try
        {
            switch (change)
            {
                case "a policy was changed":
                    File.WriteAllText(policy, policyWas.Replace("severity:", "severty:", StringComparison.Ordinal));
                    Should.Throw<CatalogException>(() => CatalogLoader.Load([compiled.Folder], ShippedCatalog.Shapes))
                        .Message.ShouldContain("severty");
                    break;
                case "a model was changed":
                    File.WriteAllText(model, modelWas + " ");
                    break;
                case "a file was added":
                    File.WriteAllText(added, policyWas);
                    break;
                default:
                    File.Delete(policy);
                    break;
            }

            CatalogLoader.IsCompiled(compiled.Folder).ShouldBeFalse();
        }
        finally
        {
            File.Delete(added);
            File.WriteAllText(policy, policyWas);
            File.WriteAllText(model, modelWas);
        }

        CatalogLoader.IsCompiled(compiled.Folder).ShouldBeTrue();
    }

    [Fact]
    public void A_damaged_file_is_ignored()
    {
        var file = Path.Combine(compiled.Folder, "compiled.bin");
        var was = File.ReadAllBytes(file);
        try
        {
            foreach (var length in (int[])[0, 10, 32, 40, was.Length / 2, was.Length - 1])
            {
                File.WriteAllBytes(file, was[..length]);
                CatalogLoader.Load([compiled.Folder], ShippedCatalog.Shapes).Policies.Count.ShouldBe(ShippedCatalog.Instance.Policies.Count, $"{length}");
            }
        }
        finally
        {
            File.WriteAllBytes(file, was);
        }
    }

    [Fact]
    public void A_users_policies_are_checked_against_the_compiled_types()
    {
        var own = Path.Combine(compiled.Path, "own");
        Directory.CreateDirectory(Path.Combine(own, "policies"));
        File.WriteAllText(Path.Combine(own, "policies", "S3BucketOdd.yaml"), """
            id: S3BucketOdd
            title: Odd bucket
            description: A bucket that is odd.
            resource: AWS::S3::Bucket
            category: configuration
            severity: 10
            violation: "Versionig.Status != 'Enabled'"
            remediation: Even it out.
            tests:
              - { name: good, config: { Versioning: { Status: Enabled } }, expect: pass }
              - { name: bad, config: { Versioning: { Status: Suspended } }, expect: fail }
            """);

        Should.Throw<CatalogException>(() => CatalogLoader.Load([compiled.Folder, own], ShippedCatalog.Shapes)).Message.ShouldContain("Versionig");
    }
}
