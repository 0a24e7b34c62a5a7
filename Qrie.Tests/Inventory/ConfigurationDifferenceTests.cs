using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory;

public sealed class ConfigurationDifferenceTests
{
    [Theory]
    [InlineData("""{"A":1,"B":[1,2]}""", """{"B":[2,1],"A":1.0,"C":null}""", "", "", "")] // order, notation and null are not differences
    [InlineData("""{"A":1}""", """{"A":2,"B":{}}""", "", "", "A B")]
    [InlineData("""{"A":1,"B":1}""", """{"A":2}""", "", "", "A B")]
    [InlineData("""{"A":1,"B":1}""", """{"A":2,"_unknown":{"B":"AccessDenied"}}""", "B", "", "A")]
    [InlineData("""{"A":{"B":1}}""", """{"A":{"B":2}}""", "A.B", "", "")]
    [InlineData("""{"Keys":[{"Id":"k","Used":1}],"Used":1}""", """{"Keys":[{"Id":"k","Used":2}],"Used":2}""", "", "Keys[].Used Used", "")]
    [InlineData("""{"Keys":[{"Id":"k","Used":1}]}""", """{"Keys":[{"Id":"l","Used":2}]}""", "", "Keys[].Used", "Keys")]
    public void Different_attributes_are_listed(string before, string after, string unknown, string volatilePaths, string names) =>
        string.Join(' ', ConfigurationDifference.Of(Some.Json(before), Some.Json(after), Words(unknown), Words(volatilePaths))).ShouldBe(names);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
