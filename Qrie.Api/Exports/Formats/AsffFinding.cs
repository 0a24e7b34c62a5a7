using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;

namespace Qrie.Api.Exports.Formats;

/// <summary>
/// A finding in the AWS Security Finding Format, within its limits. An unknown verdict has the compliance status <c>WARNING</c>: some information is missing.
/// Resolved findings are archived.
/// </summary>
internal static class AsffFinding
{
    /// <summary>Where findings about global resources go if the partition is not known otherwise.</summary>
    public const string HomeRegion = "us-east-1";

    // https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html and asff-top-level-attributes.html
    private const int IdLength = 512;
    private const int TitleLength = 256;
    private const int DescriptionLength = 1024;
    private const int RemediationLength = 512;
    private const int FieldLength = 2048;
    private const int ReasonLength = 2048;
    private const int RequirementsShown = 32;

    /// <param name="home">The region to which findings about global resources belong.</param>
    public static void Write(Utf8JsonWriter json, ExportRow row, string home)
    {
        var partition = row.Arn.Split(':') is ["arn", { Length: > 0 } named, ..] ? named : "aws";
        var region = RegionOf(row, home);
        json.WriteStartObject();
        json.WriteString("SchemaVersion", "2018-10-08");
        json.WriteString("Id", IdOf(row));
        json.WriteString("ProductArn", $"arn:{partition}:securityhub:{region}:{row.AccountId}:product/{row.AccountId}/default");
        json.WriteString("ProductName", "Qrie");
        json.WriteString("CompanyName", "Qrie");
        json.WriteString("Region", region);
        json.WriteString("GeneratorId", $"qrie/{row.Policy.Id}");
        json.WriteString("AwsAccountId", row.AccountId);
        json.Texts("Types", ["Software and Configuration Checks/AWS Security Best Practices"]);
        json.Time("FirstObservedAt", row.FirstSeen);
        json.Time("LastObservedAt", row.LastEvaluated);
        json.WriteString("CreatedAt", (row.FirstSeen ?? row.LastEvaluated).Text());
        json.WriteString("UpdatedAt", (row.ResolvedAt ?? row.LastEvaluated).Text());
        json.WriteStartObject("Severity");
        json.WriteString("Label", LabelOf(row.Severity));
        json.WriteString("Original", row.Severity.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteString("Title", Cut(row.Policy.Title, TitleLength));
        var description = row.Policy.Description ?? row.Policy.Title;
        json.WriteString("Description", Cut(row.UnknownText is { } why ? $"{why}. {description}" : description, DescriptionLength));
        WriteRemediation(json, row.Policy);
        WriteFields(json, row);
        json.WriteStartArray("Resources");
        json.WriteStartObject();
        json.WriteString("Type", TypeOf(row.ResourceType));
        json.WriteString("Id", row.Arn.Length <= IdLength ? row.Arn : $"{Cut(row.Arn, IdLength - HashLength - 1)}#{HashOf(row.Arn)}");
        json.WriteString("Partition", partition);
        json.WriteString("Region", region);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteCompliance(json, row);
        json.WriteStartObject("Workflow");
        json.WriteString("Status", row.State switch { RowState.Resolved => "RESOLVED", RowState.Suppressed => "SUPPRESSED", _ => "NEW" });
        json.WriteEndObject();
        json.WriteString("RecordState", row.State == RowState.Resolved ? "ARCHIVED" : "ACTIVE");
        json.WriteEndObject();
    }

    public static string RegionOf(ExportRow row, string home) => row.Region == Regions.Global ? home : row.Region;

    /// <summary>The id of the finding; a hash of it where that is too long.</summary>
    private static string IdOf(ExportRow row) => $"qrie/{row.FindingId}" is { Length: <= IdLength } id ? id : $"qrie/{HashOf(row.FindingId)}";

    private static void WriteRemediation(Utf8JsonWriter json, ExportedPolicy policy)
    {
        if (policy.Remediation is not { Length: > 0 } text)
        {
            return;
        }

        json.WriteStartObject("Remediation");
        json.WriteStartObject("Recommendation");
        json.WriteString("Text", Cut(text, RemediationLength));
        json.Text("Url", policy.References.Count > 0 ? policy.References[0] : null);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartObject("ProductFields");
        Field("policy", row.Policy.Id);
        Field("resource_type", row.ResourceType);
        Field("evidence", row.Evidence?.ToString());
        Field("exception", row.ExceptionText);
        Field("scan_id", row.ScanId);
        Field("resolved_reason", row.ResolvedReason is { } reason ? ApiEnumNames.Of(reason) : null);
        json.WriteEndObject();

        void Field(string name, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                json.WriteString($"qrie/{name}", Cut(value, FieldLength));
            }
        }
    }

    private static void WriteCompliance(Utf8JsonWriter json, ExportRow row)
    {
        var status = row.State switch
        {
            RowState.Active or RowState.Suppressed => "FAILED",
            RowState.Unknown => "WARNING",
            _ => row.ResolvedReason == ResolvedReason.Compliant ? "PASSED" : "NOT_AVAILABLE",
        };
        json.WriteStartObject("Compliance");
        json.WriteString("Status", status);
        if (row.Policy.Requirements.Count > 0)
        {
            json.Texts("RelatedRequirements", row.Policy.Requirements.Take(RequirementsShown).Select(r => $"{r.Standard} {r.Requirement}"));
        }

        if (row.Unknown is { } unknown)
        {
            json.WriteStartArray("StatusReasons");
            json.WriteStartObject();
            json.WriteString("ReasonCode", unknown.Code);
            json.WriteString("Description", Cut(row.UnknownText!, ReasonLength));
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>AWS::S3::Bucket is AwsS3Bucket.</summary>
    private static string TypeOf(string type) => type.Split("::") is ["AWS", var service, var name] ? $"Aws{service}{name}" : "Other";

    private static string LabelOf(int severity) => Severities.BandOf(severity) switch
    {
        SeverityBand.Critical => "CRITICAL",
        SeverityBand.High => "HIGH",
        SeverityBand.Medium => "MEDIUM",
        _ => "LOW",
    };

    private static int HashLength => 2 * SHA256.HashSizeInBytes;

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>At most so many UTF-16 units, with a mark; a character is not divided.</summary>
    private static string Cut(string text, int length) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, length - (char.IsHighSurrogate(text[length - 2]) ? 2 : 1)), "…");
}
