using System.Text.Json;

namespace Qrie.Ui.Api;

/// <summary>The API refused, or failed: its problem details.</summary>
public sealed class ApiException(int status, string title, string detail, string requestId) : Exception(detail)
{
    public int Status { get; } = status;

    public string Title { get; } = title;

    public string RequestId { get; } = requestId;

    /// <summary>The messages by field of the request; empty: none is to blame.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; private init; } = new Dictionary<string, string[]>();

    /// <summary>Where in an expression or document the errors are.</summary>
    public IReadOnlyList<ErrorPlace> Places { get; private init; } = [];

    public static ApiException Of(ApiResponse answer)
    {
        try
        {
            var problem = JsonSerializer.Deserialize<Problem>(answer.Body.Span, ApiJson.Options);
            if (problem?.Detail is not null)
            {
                return new ApiException(answer.Status, problem.Title ?? "Error", problem.Detail, problem.RequestId ?? answer.RequestId)
                {
                    Errors = problem.Errors ?? new Dictionary<string, string[]>(),
                    Places = problem.Places ?? [],
                };
            }
        }
        catch (JsonException)
        {
            // Not problem details: the status has to do.
        }

        return new ApiException(answer.Status, "Error", $"The service answered with status {answer.Status}.", answer.RequestId);
    }

    private sealed record Problem(
        string? Title, string? Detail, Dictionary<string, string[]>? Errors, List<ErrorPlace>? Places, string? RequestId);
}

/// <param name="Field">The field of the request, or the path in the document.</param>
/// <param name="Line">From 1; null: unknown.</param>
/// <param name="Column">From 1; null: unknown.</param>
public sealed record ErrorPlace(string? Field, string? Message, string? Remedy, int? Line, int? Column);
