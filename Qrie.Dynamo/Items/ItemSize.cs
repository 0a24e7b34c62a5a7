using System.Text;
using Amazon.DynamoDBv2.Model;

namespace Qrie.Dynamo.Items;

/// <summary>The size of items as DynamoDB counts it (Developer Guide, "DynamoDB item sizes and formats"), rounded up where that page is vague.</summary>
internal static class ItemSize
{
    private const int MaxNumber = 21;
    private const int Collection = 3;

    public static int Of(Dictionary<string, AttributeValue> item) => item.Sum(attribute => Utf8(attribute.Key) + Of(attribute.Value));

    public static int Of(AttributeValue value) => value switch
    {
        { S: { } text } => Utf8(text),
        { N: { } number } => Math.Min(MaxNumber, (number.Length / 2) + 2),
        { B: { } bytes } => (int)bytes.Length,
        { IsBOOLSet: true } or { NULL: true } => 1,
        { SS: { Count: > 0 } texts } => texts.Sum(Utf8),
        { NS: { Count: > 0 } numbers } => numbers.Sum(n => Math.Min(MaxNumber, (n.Length / 2) + 2)),
        { BS: { Count: > 0 } many } => many.Sum(b => (int)b.Length),
        { IsLSet: true } => Collection + value.L.Sum(v => 1 + Of(v)),
        { IsMSet: true } => Collection + value.M.Sum(v => 1 + Utf8(v.Key) + Of(v.Value)),
        _ => 1,
    };

    private static int Utf8(string text) => Encoding.UTF8.GetByteCount(text);
}
