using System.Globalization;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

public sealed class ClockSkewTests
{
    [EmulatorFact]
    public async Task A_wrong_clock_is_corrected_by_the_servers_time_and_the_call_is_retried()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var ahead = TimeSpan.FromHours(2);
        proxy.On("kms:ListKeys").Where(r => SignedAt(r) < DateTimeOffset.UtcNow + ahead - TimeSpan.FromMinutes(5)).Answer(r =>
            FaultResponse.Error(r, "InvalidSignatureException", 400, "Signature expired") with
            {
                Headers = new Dictionary<string, string>
                {
                    ["Date"] = (DateTimeOffset.UtcNow + ahead).ToString("r", CultureInfo.InvariantCulture),
                    ["x-amzn-errortype"] = "InvalidSignatureException",
                },
            });

        var answer = await aws.Api.CallAsync(Estate.Create().Call("kms", "ListKeys"), default);

        answer.Error.ShouldBeNull();
        var requests = proxy.RequestsFor("ListKeys");
        requests.Count.ShouldBe(2);
        (SignedAt(requests[1]) - SignedAt(requests[0])).ShouldBeGreaterThan(TimeSpan.FromMinutes(110));
        answer.SentAt.ShouldBeLessThanOrEqualTo(DateTimeOffset.UtcNow, "the time of responses is that of Qrie's clock");
    }

    private static DateTimeOffset SignedAt(ProxiedRequest request) =>
        DateTimeOffset.ParseExact(request.Headers["X-Amz-Date"], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
