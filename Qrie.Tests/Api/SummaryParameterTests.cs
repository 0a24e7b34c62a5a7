using System.Net;

namespace Qrie.Tests.Api;

/// <summary>The parameters of all summaries.</summary>
public sealed class SummaryParameterTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await hosts.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("2026-13-01")]
    [InlineData("2026-1-1")]
    [InlineData("")]
    [InlineData("2026-11-21T00:00:00Z")]
    public async Task An_invalid_date_is_refused(string date)
    {
        var (status, body) = await _qrie.GetAsync($"/summary/dashboard?date={date}");

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("message").GetString().ShouldBe("Invalid date format. Use YYYY-MM-DD");
        body.GetProperty("errors").GetProperty("date")[0].GetString().ShouldBe("Invalid date format. Use YYYY-MM-DD");
    }

    [Fact]
    public async Task Every_parameter_is_documented()
    {
        var paths = (await _qrie.GetAsync("/openapi/v1.json")).Body.GetProperty("paths");
        string[] Parameters(string path) =>
            [.. paths.GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()!)];

        Parameters("/summary/findings").ShouldBe(["account", "account_id"]);
        Parameters("/summary/resources").ShouldBe(["account", "account_id"]);
        Parameters("/summary/dashboard").ShouldBe(["date"]);
        Parameters("/drift").ShouldBe(["account", "account_id", "scan_id"]);
        paths.GetProperty("/summary/dashboard").GetProperty("get").GetProperty("responses").TryGetProperty("400", out _).ShouldBeTrue();
    }
}
