using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qrie.Domain.Findings;

namespace Qrie.Domain.Archiving;

/// <summary>The keys of archives in the bucket, after its prefix.</summary>
public static class ArchiveKeys
{
    public static string Of(string organization) => $"{organization}/";

    public static string Of(string organization, string archiveId) => $"{organization}/{archiveId}/";

    public static string Manifest(string organization, string archiveId) => Of(organization, archiveId) + "manifest.json";

    public static string Part(int number) => $"findings-{number.ToString("00000", CultureInfo.InvariantCulture)}.jsonl.gz";
}

/// <summary>The format of archives.</summary>
internal static class ArchiveJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>The order of members and the escaping do not matter to readers; markup is not escaped, because nothing is embedded in a page.</summary>
    private static readonly JsonWriterOptions s_lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string QrieVersion { get; } =
        typeof(ArchiveJson).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>Writes a finding as a line.</summary>
    public static void Write(IBufferWriter<byte> output, string organization, Finding finding)
    {
        using (var json = new Utf8JsonWriter(output, s_lines))
        {
            json.WriteStartObject();
            json.WriteString("organization", organization);
            json.WriteString("finding_id", finding.FindingId);
            json.WriteString("account_id", AccountService.Split(finding.AccountService).AccountId);
            json.WriteString("account_service", finding.AccountService);
            json.WriteString("arn", finding.Arn);
            json.WriteString("policy", finding.PolicyId);
            json.WriteString("type", finding.Type);
            json.WriteString("region", finding.Region);
            json.WriteNumber("severity", finding.Severity);
            json.WriteString("state", NameOf(finding.State));
            json.WriteString("first_seen", finding.FirstSeen);
            json.WriteString("last_evaluated", finding.LastEvaluated);
            json.WriteString("describe_time", finding.DescribeTime);
            Write(json, "resolved_at", finding.ResolvedAt);
            json.WriteString("resolved_reason", NameOf(finding.ResolvedReason));
            json.WriteString("exception_id", finding.ExceptionId);
            json.WriteString("scan_id", finding.ScanId);
            json.WritePropertyName("evidence");
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(finding.Evidence), skipInputValidation: true);
            json.WriteStartArray("transitions");
            foreach (var transition in finding.Transitions)
            {
                json.WriteStartObject();
                json.WriteString("state", NameOf(transition.State));
                json.WriteString("at", transition.At);
                json.WriteString("reason", NameOf(transition.Reason));
                json.WriteString("scan_id", transition.ScanId);
                json.WriteString("exception_id", transition.ExceptionId);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } time)
        {
            json.WriteString(name, time);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string NameOf(FindingState state) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(state.ToString());

    private static string? NameOf(ResolvedReason? reason) => reason is { } known ? JsonNamingPolicy.SnakeCaseUpper.ConvertName(known.ToString()) : null;
}
