namespace Qrie.Tests.Cli.Scans;

/// <summary>Wrong options of <c>qrie scan</c>: every mistake at once, with what is allowed.</summary>
public sealed class ScanUsageTests
{
    [Fact]
    public async Task All_mistakes_are_reported_at_once_with_what_is_allowed()
    {
        var run = await RunCommand.AsTypedAsync(
            "scan --accounts 123,123456789012 --regions EU --services s4 --policies S3BucketPublik --framework cis --severity huge --level full "
            + "--format pdf,csv,html --fail-on always --baseline /no/such/file --nonsense");

        run.Code.ShouldBe(2, run.ToString());
        string[] expected =
        [
            "--accounts: '123': an account must be 12 digits.",
            "--regions: 'EU': a region is written as in us-east-1.",
            "--services: 's4': there is no such service (did you mean s3?); it must be one of ",
            "--policies: 'S3BucketPublik': there is no such policy (did you mean S3BucketPublic?)",
            "--framework: 'cis': it must be one of ",
            "--severity: 'huge': it must be critical, high, medium or low.",
            "--level: 'full': it must be quick, standard or deep.",
            "--format: 'pdf': a format must be one of jsonl, csv, html, ocsf, asff, sarif, junit, markdown.",
            "--fail-on: 'always': it must be critical, high, medium, low or none.",
            "--baseline: there is no file /no/such/file.",
            "--format: several formats need a folder; add -o DIR.",
            "There is no option '--nonsense'.",
        ];
        foreach (var mistake in expected)
        {
            run.Errors.ShouldContain($"[ERROR] {mistake}");
        }

        run.Errors.Split('\n').Count(line => line.StartsWith("[ERROR]", StringComparison.Ordinal)).ShouldBe(expected.Length, run.Errors);
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Policies_that_do_not_exist_together_are_a_mistake()
    {
        var run = await RunCommand.AsTypedAsync("scan --policies S3BucketPublic --services ec2");

        run.Code.ShouldBe(2);
        run.Errors.ShouldContain("No policy matches --services, --policies, --framework, --severity and --level together");
    }

    [Fact]
    public async Task A_baseline_must_be_an_export()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "{\"finding_id\":\"a\",\"state\":\"ACTIVE\"}\n[]\n");

            var run = await RunCommand.AsTypedAsync($"scan --baseline {file}");

            run.Code.ShouldBe(2, run.ToString());
            run.Errors.ShouldContain($"Line 2 of {file} is not a row of an export in the format jsonl.");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
