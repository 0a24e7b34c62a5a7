using System.Net;
using System.Text.RegularExpressions;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>1: after any real scan findings, resources and the dashboard answered 500.</summary>
public sealed partial class Defect01_ResponsesAfterRealScansTests : OldDefectTest
{
    [Fact]
    public async Task Lists_have_ISO_times_after_real_scans()
    {
        Aws.With(Bad, "a", "b");
        await InventoryAsync();
        await Qrie.LaunchAsync(Versioning);
        Aws.With(Good, "b");
        Clock.Offset = TimeSpan.FromHours(1);
        await InventoryAsync();
        await PolicyScanAsync();

        foreach (var (path, member, times) in new[]
        {
            ("/findings", "findings", new[] { "first_seen", "last_evaluated", "describe_time" }),
            ("/resources", "resources", ["last_seen_at", "first_seen", "describe_time"]),
        })
        {
            var (status, page) = await Qrie.GetAsync(path);
            status.ShouldBe(HttpStatusCode.OK, path);
            var rows = page.GetProperty(member).EnumerateArray().ToList();
            rows.Count.ShouldBe(2);
            rows.SelectMany(row => times.Select(time => Text(row, time)!)).ShouldAllBe(time => Iso().IsMatch(time));
        }
    }

    [Fact]
    public async Task The_dashboard_has_an_age_with_one_decimal_after_real_anti_entropy_scans()
    {
        Aws.With(Bad, "a", "b");
        await Qrie.ScanAsync(new { kind = "inventory", scan_type = "anti-entropy" });
        await Qrie.LaunchAsync(Versioning);
        Clock.Offset = TimeSpan.FromMinutes(20);

        var (status, dashboard) = await Qrie.GetAsync("/summary/dashboard");

        status.ShouldBe(HttpStatusCode.OK);
        var inventory = dashboard.GetProperty("anti_entropy").GetProperty("last_inventory_scan");
        inventory.GetProperty("age_hours").GetDouble().ShouldBe(0.3);
        inventory.GetProperty("timestamp_ms").GetInt64().ShouldBeGreaterThan(0);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Iso();
}
