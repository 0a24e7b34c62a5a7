using System.Text;
using Qrie.Domain;
using Qrie.Dynamo.Items;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

public sealed class KeyTextTests
{
    [Fact]
    public void Compound_keys_sort_as_their_values()
    {
        string[][] values = [["a", "b"], ["a", "c"], ["a b", "a"], ["aa", ""], ["b", "a"]];

        values.Select(v => KeyText.Join(v)).Order(StringComparer.Ordinal).ShouldBe(values.Select(v => KeyText.Join(v)));
    }

    [Fact]
    public void Times_sort_both_ways()
    {
        DateTimeOffset[] times = [Some.At(-1e9), Some.Noon, Some.At(0.001), Some.At(1e9)];

        times.Select(KeyText.Of).ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
        times.Select(KeyText.Descending).ShouldBeInOrder(SortDirection.Descending, StringComparer.Ordinal);
    }

    [Fact]
    public void The_organization_default_has_plain_keys()
    {
        KeyText.Scoped(Organizations.Default, "111122223333_s3").ShouldBe("111122223333_s3");
        KeyText.Unscoped("shop", KeyText.Scoped("shop", "111122223333_s3")).ShouldBe("111122223333_s3");
    }

    [Fact]
    public void Texts_that_are_too_long_are_cut_at_a_character_and_stay_different()
    {
        var (one, other) = (string.Concat(Enumerable.Repeat("€", 500)) + "1", string.Concat(Enumerable.Repeat("€", 500)) + "2");

        var keys = ((string[])[one, other]).Select(text => KeyText.Fit(text, ItemKey.MaxRange)).ToList();

        keys.ShouldAllBe(key => Encoding.UTF8.GetByteCount(key) <= ItemKey.MaxRange && !key.Contains('\uFFFD'));
        keys.ShouldBeUnique();
        keys[0][..300].ShouldBe(one[..300]);
        KeyText.Fit("short", ItemKey.MaxRange).ShouldBe("short");
    }
}
