using Qrie.Domain.Dashboard;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Inventory;

/// <summary>The keys of drift: counts and samples by scan.</summary>
internal static class DriftItems
{
    public static string CountsOf(string organization, string scanId) => KeyText.Join("drift", organization, scanId);

    public static string SamplesOf(string organization, string scanId) => KeyText.Join("drift-samples", organization, scanId);

    public static ItemKey CountKey(string organization, string scanId, DriftDelta drift) =>
        Documents.Key(CountsOf(organization, scanId), KeyText.Join(drift.AccountId, drift.Region, drift.Type));

    public static ItemKey SampleKey(string organization, string scanId, DriftSample sample) => Documents.Key(
        SamplesOf(organization, scanId), KeyText.Join(KeyText.Of(sample.FoundAt), sample.AccountService, Json.Name(sample.Change), sample.Arn));
}
