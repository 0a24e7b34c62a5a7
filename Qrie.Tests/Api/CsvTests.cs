using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Lists as CSV: complete, in the list's order, safe for spreadsheets.</summary>
public sealed class CsvTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private const string Unversioned = "S3BucketVersioningDisabled";

    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await hosts.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task All_matching_rows_are_returned_in_order()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await qrie.LaunchQuietlyAsync(Unversioned);
        var buckets = Enumerable.Range(0, 1701).Select(i => StoredWorld.Bucket(Some.Numbered("b", i), at: i % 5)).ToArray();
        await qrie.WriteAsync(buckets);
        await qrie.EvaluateAsync(buckets, Some.Fails(Unversioned));

        var (answer, lines) = await CsvAsync(qrie, "/api/findings?state=ACTIVE");
        var (_, resources) = await CsvAsync(qrie, "/resources?arn_prefix=arn:aws:s3:::b1");

        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8; header=present");
        answer.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        answer.Content.Headers.ContentDisposition.FileName!.ShouldMatch("^\"?qrie-findings-[0-9]{8}T[0-9]{6}Z.csv\"?$");
        answer.Headers.Vary.ShouldContain("Accept");
        var all = await qrie.AllAsync("/findings?state=ACTIVE", "findings");
        lines.Count.ShouldBe(1702);
        lines.Skip(1).Select(l => l[1]).ShouldBe(all.Select(f => f.GetProperty("arn").GetString()));
        lines.Skip(1).Select(l => l[0]).ShouldBe(all.Select(f => f.GetProperty("finding_id").GetString()));
        resources.Skip(1).Select(l => l[0])
            .ShouldBe((await qrie.AllAsync("/resources?arn_prefix=arn:aws:s3:::b1", "resources")).Select(r => r.GetProperty("arn").GetString()));
        resources.Count.ShouldBe(702);
    }

    [Fact]
    public async Task Cells_contain_the_values_of_the_JSON_response()
    {
        await using var qrie = await RunningQrie.StartAsync();
        const string Configuration = """{"Name":"say \"hi\", 😀\nü","Half":"\ud800"}""";
        await qrie.WriteAsync(StoredWorld.Bucket("line\r\nbreak, \"quoted\" ü", 1, Configuration, ("Key,", "\"v\"\n")));

        var (_, lines) = await CsvAsync(qrie, "/resources");

        lines[0].ShouldBe(
        [
            "arn", "account_service", "account_id", "service", "resource_type", "resource_id",
            "region", "first_seen", "last_seen_at", "describe_time", "deleted_at", "tags",
            "configuration",
        ]);
        lines[1].ShouldBe(
        [
            "arn:aws:s3:::line\r\nbreak, \"quoted\" ü", "123456789012_s3", "123456789012", "s3", "AWS::S3::Bucket", "line\r\nbreak, \"quoted\" ü", "eu-west-1",
            "2026-11-21T12:00:01.000Z", "2026-11-21T12:00:01.000Z", "2026-11-21T12:00:01.000Z", "", """{"Key,":"\"v\"\n"}""", Configuration,
        ]);
    }

    [Fact]
    public async Task A_cell_larger_than_the_buffers_is_complete()
    {
        await using var qrie = await RunningQrie.StartAsync();
        var configuration = $$"""{"Text":"{{new string('x', 700_000)}}"}""";
        await qrie.WriteAsync(StoredWorld.Bucket("a", 1, configuration), StoredWorld.Bucket("b", 1, configuration));

        var (_, lines) = await CsvAsync(qrie, "/resources");

        lines.Skip(1).Select(line => line[^1]).ShouldBe([configuration, configuration]);
    }

    [Theory]
    [InlineData("=HYPERLINK(1)", "'=HYPERLINK(1)")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM", "'@SUM")]
    [InlineData("\ttab", "'\ttab")]
    [InlineData("\rreturn", "'\rreturn")]
    [InlineData("a=b", "a=b")]
    public async Task Formulas_are_escaped(string id, string expected)
    {
        var name = $"of-{(int)id[0]}-";
        await _qrie.WriteAsync(StoredWorld.Bucket(name) with { Id = id });

        (await CsvAsync(_qrie, $"/resources?arn_prefix=arn:aws:s3:::{name}")).Lines[1][5].ShouldBe(expected);
    }

    [Fact]
    public async Task An_empty_list_is_a_header_line()
    {
        (await CsvAsync(_qrie, "/findings?policy=Other")).Lines.ShouldHaveSingleItem()[0].ShouldBe("finding_id");
    }

    [Theory]
    [InlineData("text/csv", true)]
    [InlineData("TEXT/CSV; charset=utf-8", true)]
    [InlineData("text/csv, */*;q=0.1", true)]
    [InlineData("application/json, text/csv;q=0.9", false)]
    [InlineData("*/*", false)]
    [InlineData("text/*", false)]
    [InlineData("text/csv;q=0", false)]
    [InlineData("not an accept header", false)]
    public async Task Csv_must_be_requested_explicitly(string accept, bool csv)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/findings");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _qrie.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(csv ? "text/csv" : "application/json");
    }

    [Theory]
    [InlineData("/findings?page_size=10", "page_size")]
    [InlineData("/resources?next_token=x", "next_token")]
    [InlineData("/findings?state=OPEN", "state")]
    public async Task Errors_are_problem_details(string path, string field)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/csv") } } };
        using var answer = await _qrie.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    private static async Task<(HttpResponseMessage Answer, List<List<string>> Lines)> CsvAsync(RunningQrie qrie, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/csv") } } };
        var answer = await qrie.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (answer, Read(Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync())));
    }

    /// <summary>A reader of RFC 4180 that is independent of the writer.</summary>
    private static List<List<string>> Read(string text)
    {
        var lines = new List<List<string>>();
        for (var at = 0; at < text.Length;)
        {
            var line = new List<string>();
            for (var more = true; more;)
            {
                var cell = new StringBuilder();
                if (text[at] == '"')
                {
                    for (at++; text[at] != '"' || text[at + 1] == '"'; at++)
                    {
                        at += text[at] == '"' ? 1 : 0;
                        cell.Append(text[at]);
                    }

                    at++;
                }
                else
                {
                    for (; text[at] is not (',' or '\r'); at++)
                    {
                        cell.Append(text[at]);
                    }
                }

                line.Add(cell.ToString());
                more = text[at] == ',';
                text.Substring(at, more ? 1 : 2).ShouldBe(more ? "," : "\r\n");
                at += more ? 1 : 2;
            }

            lines.Add(line);
        }

        return lines;
    }
}
