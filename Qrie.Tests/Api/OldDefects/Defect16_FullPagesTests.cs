using System.Text.Json;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>16: filters ran after the page limit: one account of twenty took 101 pages, many of them empty, for 361 rows.</summary>
public sealed class Defect16_FullPagesTests : OldDefectTest
{
    private const int Accounts = 20;
    private const int BucketsEach = 130;
    private const int PageSize = 50;

    [Fact]
    public async Task Every_page_but_the_last_is_full_whatever_the_filter()
    {
        for (var i = 1; i < Accounts; i++)
        {
            await Qrie.PostAsync("/accounts", new { account_id = $"2109876543{i:00}" });
        }

        Aws.With(Bad, Names(BucketsEach));
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);

        (await PagesAsync("/findings?account=210987654307", "findings")).ShouldBe([50, 50, 30]);
        (await PagesAsync("/findings?account=210987654307&state=ACTIVE&severity=high", "findings")).ShouldBe([50, 50, 30]);
        (await PagesAsync($"/findings?policy={Versioning}&account=210987654307", "findings")).ShouldBe([50, 50, 30]);
        (await PagesAsync("/findings?state=RESOLVED", "findings")).ShouldBe([0]);
        (await PagesAsync("/resources?account=210987654307&type=s3", "resources")).ShouldBe([50, 50, 30]);
        (await PagesAsync("/resources", "resources")).ShouldBe(Enumerable.Repeat(PageSize, Accounts * BucketsEach / PageSize));
    }

    private async Task<List<int>> PagesAsync(string path, string member)
    {
        var sizes = new List<int>();
        string? token = null;
        do
        {
            var (_, page) = await Qrie.GetAsync(
                $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}page_size={PageSize}{(token is null ? "" : $"&next_token={token}")}");
            sizes.Add(page.GetProperty(member).GetArrayLength());
            token = page.TryGetProperty("next_token", out var next) && next.ValueKind != JsonValueKind.Null ? next.GetString() : null;
        }
        while (token is not null);

        return sizes;
    }
}
