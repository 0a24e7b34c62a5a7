using System.Text.Json;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.JmesPath;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>Paginators that botocore lacks and our generator derived from token members.</summary>
public sealed class MadePaginatorTests
{
    /// <summary>The pages have only a text in common, of which the first is kept.</summary>
    private static readonly string[] _withoutResult = ["fms:GetProtectionStatus"];

    private static readonly List<(string Service, Operation Operation, Pagination Pages)> _made =
    [
        .. EmulatedAws.Models.Services.SelectMany(
            s => EmulatedAws.Models.FindService(s)!.Operations.Where(o => o.Pagination is { IsMade: true }).Select(o => (s, o, o.Pagination!))),
    ];

    [Fact]
    public void The_generated_paginators_are_the_reviewed_ones()
    {
        var reviewed = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Aws", "made-paginators.txt")).Where(l => l.Length > 0 && l[0] != '#').ToList();
        var actual = _made.Select(Line).ToList();

        actual.Except(reviewed).ShouldBeEmpty("new ones: review them and add them to made-paginators.txt");
        reviewed.Except(actual).ShouldBeEmpty("no longer generated: remove them from made-paginators.txt");
        reviewed.Count.ShouldBe(reviewed.Distinct().Count());

        static string Line((string Service, Operation Operation, Pagination Pages) made) =>
            ($"{made.Service}:{made.Operation.Name} {string.Join(',', made.Pages.InputTokens)} < {string.Join(',', made.Pages.OutputTokens)} "
            + $": {string.Join(',', made.Pages.ResultKeys)}").TrimEnd();
    }

    [Fact]
    public void Each_has_text_tokens_in_both_directions_and_mergeable_items()
    {
        var wrong = new List<string>();
        foreach (var (service, operation, pages) in _made)
        {
            var isGood = pages.InputTokens.Count > 0 && pages.InputTokens.Count == pages.OutputTokens.Count
                && pages.InputTokens.All(t => operation.Input!.FindMember(t)?.Shape.Kind is ShapeKind.String)
                && pages.OutputTokens.All(t => Find(operation.Output!, t)?.Kind is ShapeKind.String)
                && pages.ResultKeys.All(r => Find(operation.Output!, r)?.Kind is ShapeKind.List or ShapeKind.Map)
                && (pages.MoreResults is null || Find(operation.Output!, pages.MoreResults)?.Kind is ShapeKind.Boolean)
                && (pages.LimitKey is null || operation.Input!.FindMember(pages.LimitKey) is not null);
            if (!isGood)
            {
                wrong.Add($"{service}:{operation.Name}");
            }
        }

        wrong.ShouldBeEmpty();
        _made.Where(m => m.Pages.ResultKeys.Count == 0).Select(m => $"{m.Service}:{m.Operation.Name}").ShouldBe(_withoutResult);
    }

    [Fact]
    public void Lists_one_level_down_are_joined_from_page_to_page()
    {
        var pages = EmulatedAws.Models.FindOperation("wafv2", "ListTagsForResource")!.Pagination;

        var whole = PageMerger.Merge(
            [
                Parse("""{"NextMarker":"m","TagInfoForResource":{"ResourceARN":"a","TagList":[{"Key":"1"}]}}"""),
                Parse("""{"TagInfoForResource":{"ResourceARN":"a","TagList":[{"Key":"2"}]}}"""),
            ],
            pages);

        whole.ToString().ShouldBe("""{"TagInfoForResource":{"ResourceARN":"a","TagList":[{"Key":"1"},{"Key":"2"}]}}""");
    }

    private static JmesValue Parse(string json) => JmesValue.FromElement(JsonElement.Parse(json));

    private static Shape? Find(Shape shape, string path) => path.Split('.').Aggregate((Shape?)shape, (s, name) => s?.FindMember(name)?.Shape);
}
