using System.Net;
using System.Text.RegularExpressions;

namespace Qrie.Tests.Api.WebConsole;

/// <summary>The files that a page of the console loads.</summary>
public sealed partial class ConsoleFileTests(SharedHosts hosts) : IClassFixture<SharedHosts>
{
    [Fact]
    public async Task Scripts_and_styles_are_sent_compressed_and_pages_are_not()
    {
        var qrie = await hosts.EmptyAsync();
        using var page = await GetAsync(qrie, "/ui/");
        page.Content.Headers.ContentEncoding.ShouldBeEmpty();
        var files = Linked().Matches(await page.Content.ReadAsStringAsync()).Select(m => m.Groups["file"].Value).ToList();

        files.ShouldContain(f => f.Contains("MudBlazor.min.", StringComparison.Ordinal) && f.EndsWith(".css", StringComparison.Ordinal));
        files.Count.ShouldBeGreaterThan(4);
        foreach (var file in files)
        {
            using var answer = await GetAsync(qrie, $"/ui/{file}");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
            answer.Content.Headers.ContentEncoding.ShouldHaveSingleItem(file).ShouldBeOneOf("br", "gzip");
            answer.Headers.Vary.ShouldContain("Accept-Encoding", file);
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(RunningQrie qrie, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "br, gzip");
        request.Headers.TryAddWithoutValidation("Accept", "text/html,*/*");
        return await qrie.Http.SendAsync(request);
    }

    [GeneratedRegex("(?:href|src)=\"(?<file>[^\"]+\\.(?:css|js))\"")]
    private static partial Regex Linked();
}
