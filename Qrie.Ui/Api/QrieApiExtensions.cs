using System.Text;
using System.Text.Json;

namespace Qrie.Ui.Api;

internal static class QrieApiExtensions
{
    private const string Json = "application/json";

    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public static async Task<T> GetAsync<T>(this IQrieApi api, string path, CancellationToken cancel) =>
        Read<T>(await api.SendAsync(HttpMethod.Get, path, null, Json, cancel));

    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public static async Task<T> SendAsync<T>(this IQrieApi api, HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        var content = body is null ? null : new ApiContent(JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options), Json);
        return Read<T>(await api.SendAsync(method, path, content, Json, cancel));
    }

    public static Task<T> PostAsync<T>(this IQrieApi api, string path, object? body, CancellationToken cancel) =>
        api.SendAsync<T>(HttpMethod.Post, path, body, cancel);

    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public static async Task DeleteAsync(this IQrieApi api, string path, CancellationToken cancel) =>
        Checked(await api.SendAsync(HttpMethod.Delete, path, null, Json, cancel));

    /// <summary>What is text, such as CSV or YAML.</summary>
    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public static async Task<string> GetTextAsync(this IQrieApi api, string path, string accept, CancellationToken cancel) =>
        Encoding.UTF8.GetString(Checked(await api.SendAsync(HttpMethod.Get, path, null, accept, cancel)).Body.Span);

    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public static T Read<T>(ApiResponse answer) => JsonSerializer.Deserialize<T>(Checked(answer).Body.Span, ApiJson.Options)!;

    /// <summary>Whatever the status: /health tells its state with 503 as well.</summary>
    public static T ReadAny<T>(ApiResponse answer) => JsonSerializer.Deserialize<T>(answer.Body.Span, ApiJson.Options)!;

    private static ApiResponse Checked(ApiResponse answer) => answer.Status is >= 200 and < 300 ? answer : throw ApiException.Of(answer);
}
