using System.Text.Json;
using System.Text.Json.Serialization;
using Qrie.Aws.Permissions;

namespace Qrie.Api.Endpoints.Permissions;

/// <summary>Serializes policy documents with IAM's names, which are not snake_case.</summary>
internal sealed class IamJson : JsonConverter<IReadOnlyList<PolicyDocument>>
{
    public static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    public override IReadOnlyList<PolicyDocument> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<PolicyDocument> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, Options);
}
