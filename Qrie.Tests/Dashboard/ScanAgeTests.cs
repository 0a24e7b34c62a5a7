using Qrie.Domain.Dashboard;
using Qrie.Tests.Support;

namespace Qrie.Tests.Dashboard;

public sealed class ScanAgeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(26);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Only_what_is_strictly_older_than_the_limit_is_drift(int millisecondsMore, bool drift)
    {
        var scan = Some.Scan("scan-1").Scan with { FinishedAt = Some.Noon };

        var age = ScanAge.Of(scan, Some.Noon + Limit + TimeSpan.FromMilliseconds(millisecondsMore), Limit);

        age.IsTooOld.ShouldBe(drift);
        age.Scan.ShouldBe(scan);
    }

    [Fact]
    public void A_scan_that_there_never_was_is_no_drift() => ScanAge.Of(null, Some.Noon, Limit).ShouldBe(new ScanAge(null, null, Limit, false));
}
