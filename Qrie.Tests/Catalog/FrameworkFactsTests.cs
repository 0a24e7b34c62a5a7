using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Tests.Catalog;

public sealed class FrameworkFactsTests
{
    /// <summary>Public facts (tools/frameworks/facts.json) lead to policies through what the policies say that they stand for.</summary>
    [Fact]
    public async Task Requirements_name_the_policies_that_public_facts_lead_to_or_say_why_not()
    {
        var facts = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string[]>>>(await File.ReadAllTextAsync(FactsFile()))!;
        var (checks, controls) = (PoliciesBy("prowler"), PoliciesBy("securityhub"));
        var differences = new List<string>();
        foreach (var (framework, requirements) in facts)
        {
            var definition = ShippedCatalog.Instance.FindFramework(framework).ShouldNotBeNull(framework);
            foreach (var (id, named) in requirements)
            {
                var requirement = definition.FindRequirement(id).ShouldNotBeNull($"{framework} {id}");
                var expected = framework == "fsbp" && controls.Contains(id) ? controls[id] : named.SelectMany(check => checks[check]);
                var own = requirement.Policies.Select(p => p.PolicyId).ToHashSet();
                if (requirement.Note is null && !own.SetEquals(expected))
                {
                    differences.Add($"{framework} {id}: {string.Join(' ', own)}, not {string.Join(' ', expected.Distinct())}");
                }
            }
        }

        differences.ShouldBeEmpty("Change the mapping, or say why in its note.");
    }

    [Fact]
    public void The_shipped_frameworks_are_complete()
    {
        ShippedCatalog.Instance.Frameworks.ToDictionary(f => f.Id, f => f.Requirements.Count).ShouldBe(
            new Dictionary<string, int>
            {
                ["cis-3.0"] = 62,
                ["cis-5.0"] = 63,
                ["cis-6.0"] = 63,
                ["cis-7.0"] = 70,
                ["fsbp"] = 365,
                ["hipaa"] = 32,
                ["iso27001-2022"] = 93,
                ["lgpd"] = 28,
                ["nist-800-53-r5"] = 287,
                ["pci-dss-4.0"] = 107,
                ["soc2"] = 27,
                ["well-architected-security"] = 57,
            },
            ignoreOrder: true);
        ShippedCatalog.Instance.Frameworks.SelectMany(f => f.Sections.Where(s => f.Requirements.All(r => r.Section != s.Id)).Select(s => $"{f.Id} {s.Id}"))
            .ShouldBeEmpty("These sections have no requirement.");
    }

    private static ILookup<string, string> PoliciesBy(string kind) => ShippedCatalog.Instance.Policies.Where(p => !p.Deprecated)
        .SelectMany(p => p.Equivalents.GetValueOrDefault(kind, Array.Empty<PolicyEquivalent>()).Select(e => (e.Id, Policy: p.Id)))
        .ToLookup(pair => pair.Id, pair => pair.Policy);

    private static string FactsFile([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "tools", "frameworks", "facts.json"));
}
