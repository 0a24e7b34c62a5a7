using System.Text.Json;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Inventory;

public class ConfigurationHashTests
{
    [Theory]
    [InlineData("""{"a": 1, "b": 2}""", """{"b": 2, "a": 1}""")]
    [InlineData("""{"a": [1, 2, {"x": 1, "y": 2}]}""", """{"a": [{"y": 2, "x": 1}, 2, 1]}""")]
    [InlineData("""{"a": 1, "b": null}""", """{"a": 1}""")]
    [InlineData("""{"a": 1.0}""", """{"a": 1}""")]
    [InlineData("""{"a": "\u00e9"}""", """{"a": "é"}""")]
    public void Equal_configurations_have_equal_hashes(string left, string right) => Hash(left).ShouldBe(Hash(right));

    [Theory]
    [InlineData("""{"a": [1, 1]}""", """{"a": [1]}""")]
    [InlineData("""{"a": "1"}""", """{"a": 1}""")]
    [InlineData("""{"a": [[1], [2]]}""", """{"a": [[1, 2]]}""")]
    [InlineData("""{"a": 1}""", """{"a": 1, "_unknown": {"b": "AccessDenied"}}""")]
    [InlineData("""{"_unknown": {"b": "AccessDenied"}}""", """{"_unknown": {"b": "Throttling"}}""")]
    [InlineData("""{"a": "x,y"}""", """{"a": "x", "b": "y"}""")]
    public void Different_configurations_have_different_hashes(string left, string right) => Hash(left).ShouldNotBe(Hash(right));

    [Theory]
    [InlineData("""{"Keys": [{"Id": 1, "LastUsed": 5}]}""", """{"Keys": [{"Id": 1, "LastUsed": 6}]}""", "Keys[].LastUsed")]
    [InlineData("""{"Status": {"Time": 1, "On": true}}""", """{"Status": {"On": true}}""", "Status.Time")]
    [InlineData("""{"Report": {"x": 1}, "a": 1}""", """{"a": 1}""", "Report")]
    public void Volatile_paths_do_not_count(string left, string right, string path)
    {
        Hash(left, path).ShouldBe(Hash(right, path));
        Hash(left).ShouldNotBe(Hash(right));
    }

    private static string Hash(string json, params string[] leftOut)
    {
        using var document = JsonDocument.Parse(json);
        return ConfigurationHash.Of(document.RootElement, leftOut);
    }
}
