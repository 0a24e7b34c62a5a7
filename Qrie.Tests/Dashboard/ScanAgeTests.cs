using Qrie.Domain.Dashboard;
using Qrie.Tests.Support;

namespace Qrie.Tests.Dashboard;

public sealed class ScanAgeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(26);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Only_scans_strictly_older_than_the_limit_exceed_it(int millisecondsMore, bool drift)
    {
        var scan = Some.Scan("scan-1").Scan with { FinishedAt = Some.Noon };

        var age = ScanAge.Of(scan, Some.Noon + Limit + TimeSpan.FromMilliseconds(millisecondsMore), Limit);

        age.IsTooOld.ShouldBe(drift);
        age.Scan.ShouldBe(scan);
    }

    [Fact]
    public void A_missing_scan_does_not_exceed_the_limit() => ScanAge.Of(null, Some.Noon, Limit).ShouldBe(new ScanAge(null, null, Limit, false));
}
