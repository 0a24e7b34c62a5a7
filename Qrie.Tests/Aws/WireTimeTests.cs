using Qrie.Aws.Api.Protocol;

namespace Qrie.Tests.Aws;

public sealed class WireTimeTests
{
    /// <summary>The results of Python's <c>datetime.fromtimestamp</c>, and with it of botocore, for the same numbers.</summary>
    [Theory]
    [InlineData("1795284653.8311255", "2026-11-21T18:10:53.831125+00:00")]
    [InlineData("1796072544.7887235", "2026-11-30T21:02:24.788723+00:00")]
    [InlineData("1795284653.831126", "2026-11-21T18:10:53.831126+00:00")]
    [InlineData("1795284653.9999999", "2026-11-21T18:10:54+00:00")]
    [InlineData("1795284653", "2026-11-21T18:10:53+00:00")]
    public void Seconds_since_1970_are_rounded_to_microseconds_as_in_botocore(string seconds, string answer) =>
        WireTime.ToResponse(WireTime.Parse(seconds)).ShouldBe(answer);

    [Theory]
    [InlineData("1e300")]
    [InlineData("NaN")]
    [InlineData("-1e12")]
    public void Numbers_that_are_no_time_are_format_errors(string seconds) => Should.Throw<FormatException>(() => WireTime.Parse(seconds));
}
