using System.Text.Json;

namespace Qrie.Tests.Policies.Documents;

/// <summary>Documents with the result according to AWS's documentation, each with the URL of the page (<c>documents.json</c>).</summary>
public class DocumentTableTests
{
    private static readonly string s_file = Path.Combine(AppContext.BaseDirectory, "Policies", "Documents", "documents.json");
    private static readonly JsonElement[] s_rows = [.. JsonDocument.Parse(File.ReadAllBytes(s_file)).RootElement.EnumerateArray()];

    public static TheoryData<string, string> Rows => new(s_rows.Select(row => (Text(row, "ask"), Text(row, "what"))));

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_analysis_agrees_with_the_documentation(string ask, string what)
    {
        var row = s_rows.Single(row => Text(row, "ask") == ask && Text(row, "what") == what);
        var expected = row.GetProperty("expect").ToString().Replace("\"", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

        DocumentTable.Ask(ask, row.GetProperty("document")).ShouldBe(expected, row.GetProperty("document").GetRawText());
    }

    [Fact]
    public void Every_row_has_a_page_and_every_result_occurs()
    {
        s_rows.Length.ShouldBeGreaterThanOrEqualTo(250);
        s_rows.ShouldAllBe(row => Text(row, "page").StartsWith("https://docs.aws.amazon.com/", StringComparison.Ordinal));
        s_rows.GroupBy(row => row.GetProperty("expect").ToString()).Count(same => same.Key is "yes" or "no" or "unknown" && same.Count() > 10).ShouldBe(3);
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
