using System.Text;
using System.Text.Json;

namespace Qrie.Tests.Exports;

/// <summary>Limits of the AWS Security Finding Format that the model of the API does not have; from the Security Hub user guide.</summary>
internal static class AsffLimits
{
    public static void Check(JsonElement finding)
    {
        Encoding.UTF8.GetByteCount(finding.GetRawText()).ShouldBeLessThanOrEqualTo(240 * 1024);
        foreach (var (name, longest) in ((string, int)[])[("Id", 512), ("GeneratorId", 512), ("Title", 256), ("Description", 1024), ("ProductArn", 2048)])
        {
            finding.GetProperty(name).GetString()!.Length.ShouldBeInRange(1, longest, name);
        }

        finding.GetProperty("Remediation").GetProperty("Recommendation").GetProperty("Text").GetString()!.Length.ShouldBeInRange(1, 512);
        var fields = finding.GetProperty("ProductFields").EnumerateObject().ToList();
        fields.Count.ShouldBeInRange(1, 50);
        fields.ShouldAllBe(f => f.Name.Length <= 128 && f.Value.GetString()!.Length <= 2048);
        var resource = finding.GetProperty("Resources").EnumerateArray().ShouldHaveSingleItem();
        resource.GetProperty("Id").GetString()!.Length.ShouldBeInRange(1, 512);
        resource.GetProperty("Type").GetString()!.Length.ShouldBeInRange(1, 256);
        finding.GetProperty("ProductArn").GetString()!
            .ShouldMatch($"^arn:aws:securityhub:{finding.GetProperty("Region")}:[0-9]{{12}}:product/{finding.GetProperty("AwsAccountId")}/default$");
        AllTexts(finding).ShouldAllBe(t => !string.IsNullOrWhiteSpace(t));
    }

    private static IEnumerable<string> AllTexts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(AllTexts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => AllTexts(p.Value)),
        _ => [],
    };
}
