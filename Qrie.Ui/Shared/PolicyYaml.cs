using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qrie.Ui.Api;

namespace Qrie.Ui.Shared;

/// <summary>
/// A policy as the catalog's YAML. Values are written as JSON, which YAML reads as it stands, and expressions as literal blocks, in which nothing is special.
/// </summary>
internal static class PolicyYaml
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(PolicyDefinition policy)
    {
        var yaml = new StringBuilder();
        yaml.Append("id: ").AppendLine(policy.PolicyId);
        yaml.Append("title: ").AppendLine(Json(policy.Title));
        yaml.Append("description: ").AppendLine(Json(policy.Description));
        yaml.Append("resource: ").AppendLine(policy.ResourceType);
        yaml.Append("category: ").AppendLine(policy.Category);
        yaml.Append("severity: ").AppendLine(Json(policy.Severity));
        if (policy.Params.Count > 0)
        {
            yaml.Append("params: ").AppendLine(Json(policy.Params));
        }

        if (policy.Lookups.Count > 0)
        {
            yaml.AppendLine("lookup:");
            foreach (var lookup in policy.Lookups)
            {
                yaml.Append("  ").Append(lookup.Name).Append(": ").AppendLine(Json(new Dictionary<string, string>
                {
                    ["type"] = lookup.Type,
                    ["key"] = lookup.Key,
                    ["equals"] = lookup.EqualTo,
                    ["across"] = lookup.AcrossOrganization ? "organization" : "account",
                }));
            }
        }

        if (policy.Applies is not null)
        {
            yaml.AppendLine("applies: |").AppendLine(Block(policy.Applies, 2));
        }

        if (policy.Violation is [var one])
        {
            yaml.AppendLine("violation: |").AppendLine(Block(one, 2));
        }
        else
        {
            yaml.AppendLine("violation:");
            foreach (var violation in policy.Violation)
            {
                yaml.AppendLine("  - |").AppendLine(Block(violation, 4));
            }
        }

        if (policy.Evidence is not null)
        {
            yaml.AppendLine("evidence: |").AppendLine(Block(policy.Evidence, 2));
        }

        yaml.AppendLine("remediation: |").AppendLine(Block(policy.Remediation, 2));
        if (policy.Fix is not null)
        {
            yaml.Append("fix: ").AppendLine(Json(policy.Fix));
        }

        yaml.AppendLine("tests:");
        foreach (var test in policy.Tests)
        {
            Write(yaml, test);
        }

        return yaml.ToString();
    }

    private static void Write(StringBuilder yaml, PolicyTest test)
    {
        yaml.Append("  - name: ").AppendLine(Json(test.Name));
        yaml.Append("    config: ").AppendLine(Json(test.Config));
        yaml.Append("    expect: ").AppendLine(test.Expect);
        Optional(yaml, "params", test.Params, test.Params.Count);
        Optional(yaml, "tags", test.Tags, test.Tags.Count);
        Optional(yaml, "partition", test.Partition, test.Partition is null ? 0 : 1);
        Optional(yaml, "unknown", test.Unknown, test.Unknown.Count);
        Optional(yaml, "related", test.Related, test.Related.Count);
        Optional(yaml, "absent", test.Absent, test.Absent.Count);
        Optional(yaml, "decided_without", test.DecidedWithout, test.DecidedWithout.Count);
    }

    private static void Optional(StringBuilder yaml, string name, object? value, int count)
    {
        if (count > 0)
        {
            yaml.Append("    ").Append(name).Append(": ").AppendLine(Json(value));
        }
    }

    private static string Json(object? value) => JsonSerializer.Serialize(value, s_plain);

    private static string Block(string text, int indent) =>
        string.Join('\n', text.TrimEnd().Split('\n').Select(line => new string(' ', indent) + line.TrimEnd()));
}
