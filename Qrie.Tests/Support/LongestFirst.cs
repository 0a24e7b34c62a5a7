using Qrie.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Qrie.Tests.Support;

/// <summary>Runs the slowest classes first, so that the run does not end with a single one; the others in the order of their names.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_longest =
    [
        "Emulator.EstateTests", "Permissions.LeastPrivilegeTests", "Demo", "Synthesised.SynthesisedResponseTests",
        "Crash.BrokenDiskTests", "Accounts.AccountRouteTests", "Dynamo.DynamoPortFaultTests",
        "Access.TenantTests", "Emulator.IamCollectionTests", "Supported.Ec2Events", "Emulator.SliceTests", "Secrets.SecretsEverywhereTests",
        "Emulated.EmulatedServicesTests", "Api.ScheduleTests", "Api.SummaryTests", "Events.EventOrderTests", "Crash.BrokenStoreTests",
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => RankOf(c.TestCollectionDisplayName)).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int RankOf(string name) =>
        Array.FindIndex(s_longest, part => name.Contains(part, StringComparison.Ordinal)) is var rank and >= 0 ? rank : s_longest.Length;
}
