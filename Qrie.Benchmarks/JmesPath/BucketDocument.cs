using System.Text.Json;
using System.Text.Json.Nodes;

namespace Qrie.Benchmarks.JmesPath;

/// <summary>
/// The configuration of a bucket of a given size, with a typical structure: some dozens of top-level attributes, and the large parts at lower levels. (The time
/// to look up a name is proportional to the number of members of that object.)
/// </summary>
internal static class BucketDocument
{
    private const int Grants = 8;
    private const int MoreAttributes = 24;

    public static JsonElement OfSize(int bytes)
    {
        var bucket = new JsonObject
        {
            ["Name"] = "reports",
            ["CreationDate"] = "2021-05-04T09:00:00Z",
            ["Class"] = "STANDARD",
            ["Permission"] = "READ",
            ["Versioning"] = new JsonObject { ["Status"] = "Enabled" },
            ["Encryption"] = new JsonObject
            {
                ["Rules"] = new JsonArray(new JsonObject { ["Apply"] = new JsonObject { ["Algorithm"] = "AES256" }, ["BucketKeyEnabled"] = false }),
            },
            ["PublicAccess"] = new JsonObject { ["BlockPublicAcls"] = true, ["IgnorePublicAcls"] = true, ["BlockPublicPolicy"] = true },
            ["Retention"] = new JsonObject { ["Days"] = 90 },
            ["Grants"] = new JsonArray([.. Enumerable.Range(0, Grants).Select(Grant)]),
        };
        var lists = Enumerable.Range(0, MoreAttributes).Select(i =>
        {
            var list = new JsonArray();
            bucket[$"Attribute{i}"] = list;
            return list;
        }).ToList();
        for (var i = 0; bucket.ToJsonString().Length < bytes; i++)
        {
            lists[i % lists.Count].Add(new JsonObject
            {
                ["Id"] = $"rule-{i}",
                ["Enabled"] = i % 2 == 0,
                ["Filter"] = new JsonObject { ["Prefix"] = $"logs/{i}/", ["Sizes"] = new JsonArray(1, 2, 3) },
            });
        }

        return JsonSerializer.SerializeToElement(bucket);
    }

    private static JsonObject Grant(int i) => new()
    {
        ["Grantee"] = new JsonObject { ["ID"] = $"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2{i:x2}", ["Type"] = "CanonicalUser" },
        ["Permission"] = i % 3 == 0 ? "READ" : "FULL_CONTROL",
    };
}
