using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qrie.Aws.Api.Recording;

/// <summary>An error in a recording, without the request id, which would change every time.</summary>
internal sealed record RecordedError(AwsErrorKind Kind, string Code, string Message, int? Status)
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static RecordedError From(AwsError error) => new(error.Kind, error.Code, error.Message, error.HttpStatus);

    public AwsError ToError(AwsCall call) => new(Kind, Code, Message, call.Service, call.Operation, RequestId: null, Status);
}
