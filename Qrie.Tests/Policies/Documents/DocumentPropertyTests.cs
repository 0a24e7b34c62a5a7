using System.Globalization;

namespace Qrie.Tests.Policies.Documents;

/// <summary>
/// Random documents: compares the analysis with trying every request. <c>QRIE_PROPERTY_CASES</c> and <c>QRIE_PROPERTY_SEED</c> change their number and seed.
/// </summary>
public class DocumentPropertyTests(ITestOutputHelper output)
{
    private const int Cases = 2_000;
    private const int Seed = 20_261_129;

    [Fact]
    public void The_analysis_agrees_with_trying_every_request()
    {
        var documents = new RandomDocuments(Setting("QRIE_PROPERTY_SEED", Seed));
        var cases = Setting("QRIE_PROPERTY_CASES", Cases);
        var (asked, undecided, positive) = (0, 0, 0);
        var wrong = new List<string>();
        for (var i = 0; i < cases; i++)
        {
            foreach (var compared in DocumentComparison.Compare(documents.Next()))
            {
                asked++;
                undecided += compared.Answer is null ? 1 : 0;
                positive += compared.Expected ? 1 : 0;
                if (compared.Disagrees && wrong.Count < 5)
                {
                    wrong.Add($"{compared.Question}: {compared.Answer} instead of {compared.Expected}, {compared.Document.GetRawText()}");
                }
            }
        }

        output.WriteLine($"{cases} documents, {asked} questions, {positive} answered with yes, {undecided} undecided");
        wrong.ShouldBeEmpty();
        ((double)undecided / asked).ShouldBeLessThan(0.01);
        ((double)positive / asked).ShouldBeInRange(0.2, 0.8);
    }

    private static int Setting(string name, int standard) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : standard;
}
