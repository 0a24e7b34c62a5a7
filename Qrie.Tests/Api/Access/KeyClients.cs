using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Access;

namespace Qrie.Tests.Api.Access;

/// <summary>A service that requires keys, and callers with keys.</summary>
internal static class KeyClients
{
    public static Task<RunningQrie> StartAsync(ScriptedCollector? collector = null, params string[] settings) =>
        RunningQrie.StartAsync(collector, ambient: null, settings: ["--Auth:Mode=apikey", .. settings]);

    public static async Task<ApiKeyText> KeyAsync(
        this RunningQrie qrie, Role role, string organization = Organizations.Default, DateTimeOffset? expiresAt = null) =>
        (await qrie.Services.GetRequiredService<ApiKeys>()
            .CreateAsync(new NewApiKey(organization, role, $"{role} of {organization}", expiresAt, "test"), default)).Text;

    public static async Task<HttpClient> ClientAsync(this RunningQrie qrie, Role role, string organization = Organizations.Default) =>
        qrie.ClientWith(await qrie.KeyAsync(role, organization));

    public static HttpClient ClientWith(this RunningQrie qrie, ApiKeyText key)
    {
        var client = new HttpClient { BaseAddress = qrie.Http.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
        return client;
    }

    public static Task MakeOrganizationAsync(this RunningQrie qrie, string organization) =>
        qrie.Services.GetRequiredService<OrganizationRegistry>().AddAsync(organization, null, default);

    /// <summary>Sends a request and returns the response as text.</summary>
    public static async Task<(HttpStatusCode Status, string Text)> CallAsync(
        this HttpClient client, string method, string path, object? body = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static async Task<JsonElement> JsonAsync(
        this HttpClient client, string method, string path, object? body = null, HttpStatusCode status = HttpStatusCode.OK)
    {
        var (answered, text) = await client.CallAsync(method, path, body);
        answered.ShouldBe(status, text);
        return JsonElement.Parse(text);
    }
}
