namespace Qrie.Ui.Api;

/// <summary>
/// The REST API, asked with the rights of whoever is signed in. It is all that the console has: what a caller may not do over REST, the console cannot do for
/// them, and what it does is checked, limited and audited as a request.
/// </summary>
public interface IQrieApi
{
    /// <param name="path">With its query, "/findings?state=ACTIVE".</param>
    /// <param name="content">What is sent; null: nothing.</param>
    /// <param name="accept">The media type asked for.</param>
    /// <exception cref="OperationCanceledException">It was cancelled, or the service has stopped.</exception>
    Task<ApiResponse> SendAsync(HttpMethod method, string path, ApiContent? content, string accept, CancellationToken cancel);
}

/// <param name="Type">The media type, "application/json".</param>
public sealed record ApiContent(ReadOnlyMemory<byte> Bytes, string Type);

/// <param name="RequestId">As in the log and in the audit.</param>
public sealed record ApiResponse(int Status, ReadOnlyMemory<byte> Body, string RequestId);
