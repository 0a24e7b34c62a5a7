using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Cli;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Tests.Api;
using Qrie.Tests.Aws;

namespace Qrie.Tests.Emulator.Secrets;

/// <summary>
/// Secrets planted wherever the emulator returns them must not appear in the store, logs, recordings, API or the output of <c>qrie call</c>.
/// </summary>
public sealed class SecretsEverywhereTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [EmulatorFact]
    public async Task A_scan_leaves_no_secret_in_store_api_recordings_or_logs()
    {
        var estate = Estate.Create();
        await CatalogSecrets.PlantAsync(estate);
        using var log = new CollectingLogger();
        var (store, recordings) = (Path.Combine(_folder, "qrie.db"), Path.Combine(_folder, "recordings"));
        Dictionary<string, string> answers;
        await using (var qrie = await RunningQrie.StartAtAsync(
            await MotoServer.UrlAsync(), log, store, "--Aws:Regions=us-east-1",
            $"--Aws:RecordTo={recordings}", $"--Aws:RecordRewrite:{estate.AccountId}=111122223333"))
        {
            await ScanAndEvaluateAsync(qrie, estate);
            answers = await AnswersAsync(qrie, estate);
        }

        answers.SelectMany(a => PlantedSecrets.In(a.Value).Select(s => $"{a.Key}: {s}")).ShouldBeEmpty();
        PlantedSecrets.In(log.Text).ShouldBeEmpty();
        log.Text.ShouldContain("inventory", Case.Insensitive, "nothing was logged");
        FoundInFiles(_folder).ShouldBeEmpty();
        var cells = await CellsAsync(store);
        cells.Where(c => c.Text.Contains("_redacted", StringComparison.Ordinal)).ShouldNotBeEmpty();
        cells.SelectMany(c => PlantedSecrets.In(c.Text).Select(s => $"{c.Place}: {s}")).ShouldBeEmpty();
        var recorded = Directory.GetFiles(recordings, "*.json", SearchOption.AllDirectories);
        recorded.ShouldAllBe(f => !f.Contains(estate.AccountId) && !File.ReadAllText(f).Contains(estate.AccountId));
        recorded.ShouldContain(f => f.Contains("111122223333"));
        recorded.Select(Path.GetFileNameWithoutExtension).Distinct()
            .ShouldBe([.. CatalogSecrets.Services, "s3control", "sts"], ignoreOrder: true);
    }

    [EmulatorFact]
    public async Task A_redacted_secret_keeps_its_pattern_and_nothing_else_is_lost()
    {
        var estate = Estate.Create();
        await CatalogSecrets.PlantAsync(estate);
        await using var qrie = await RunningQrie.StartAtAsync(await MotoServer.UrlAsync(), settings: "--Aws:Regions=us-east-1");
        await ScanAndEvaluateAsync(qrie, estate);
        var resources = (await qrie.AllAsync($"/resources?account={estate.AccountId}", "resources")).ToLookup(r => r.GetProperty("resource_type").GetString());

        var userData = resources["AWS::EC2::Instance"].Single().GetProperty("configuration").GetProperty("UserData");
        userData.GetProperty("matches").EnumerateArray().Select(m => m.GetString()).ShouldBe(["private_key", "assigned_secret"]);
        var tags = resources["AWS::S3::Bucket"].Single().GetProperty("tags");
        tags.GetProperty("note").GetString()!.ShouldContain("github_token");
        tags.GetProperty("db_password").GetString()!.ShouldContain("named_secret");
        resources["AWS::IAM::Role"].Count().ShouldBe(1);

        // A user whose name looks like a key has no usable id, so its absence must be visible.
        resources["AWS::IAM::User"].Count().ShouldBe(1);
        var lists = (await qrie.GetAsync($"/coverage?account={estate.AccountId}")).Body
            .GetProperty("lists").EnumerateArray().ToDictionary(l => l.GetProperty("type").GetString()!);
        lists["AWS::IAM::User"].GetProperty("outcome").GetString().ShouldBe("incomplete");
        lists["AWS::IAM::Role"].GetProperty("outcome").GetString().ShouldBe("complete");
    }

    [EmulatorFact]
    public async Task No_manual_call_shows_a_secret()
    {
        var estate = Estate.Create();
        await CatalogSecrets.PlantAsync(estate);
        var reads = (await CallSecrets.PlantAsync(estate)).Concat(CatalogSecrets.Reads(estate)).ToList();
        using var log = new CollectingLogger();
        using var raw = await EmulatedAws.StartAsync(redact: false);
        await using var qrie = await RunningQrie.StartAtAsync(await MotoServer.UrlAsync(), log);

        var leaks = new List<string>();
        foreach (var (call, secret) in reads)
        {
            var before = await raw.Api.CallAsync(call, default);
            before.Error.ShouldBeNull($"{call}");
            before.Content.GetRawText().ShouldContain(PlantedSecrets.InJson(secret), customMessage: $"{call} does not answer what was planted");
            var (code, output, errors) = await CallAsync(qrie.Services, call, estate);
            code.ShouldBe(CallCommand.Succeeded, errors);
            output.ShouldContain("\"_redacted", customMessage: $"{call}");
            leaks.AddRange(PlantedSecrets.In(output + errors).Select(s => $"{call}: {s}"));
        }

        leaks.ShouldBeEmpty();
        PlantedSecrets.In(log.Text).ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task Secret_paths_of_a_user_service_file_apply_to_scans_and_calls()
    {
        var estate = Estate.Create();
        var topic = (await estate.DoAsync("sns", "CreateTopic", new { Name = "planted", Attributes = new { DisplayName = PlantedSecrets.Password } }))
            .GetProperty("TopicArn").GetString();
        var services = Directory.CreateDirectory(Path.Combine(_folder, "catalog", "services")).FullName;
        await File.WriteAllTextAsync(Path.Combine(services, "owntopics.yaml"), """
            service: owntopics
            name: Topics of our own
            apis: [sns]
            scope: regional
            secret: { 'sns:GetTopicAttributes': [Attributes.DisplayName] }
            resources:
              - type: AWS::OwnTopics::Topic
                list: { call: 'sns:ListTopics', select: Topics }
                id: TopicArn
                arn: '{TopicArn}'
                describe:
                  Attributes: { call: 'sns:GetTopicAttributes', with: { TopicArn: TopicArn }, select: Attributes }
            """);
        await using var qrie = await RunningQrie.StartAtAsync(
            await MotoServer.UrlAsync(), settings: [$"--Catalog:Path={Path.Combine(_folder, "catalog")}", "--Aws:Regions=us-east-1"]);
        await qrie.PostAsync("/accounts", new { account_id = estate.AccountId });
        await qrie.ScanAsync(new { kind = "inventory", account_id = estate.AccountId, service = "owntopics" });

        var resource = (await qrie.AllAsync($"/resources?account={estate.AccountId}&type=owntopics", "resources")).Single();
        resource.GetProperty("configuration").GetProperty("Attributes").GetProperty("DisplayName")
            .GetProperty("length").GetInt32().ShouldBe(PlantedSecrets.Password.Length);
        var (code, output, errors) = await CallAsync(qrie.Services, estate.Call("sns", "GetTopicAttributes", new { TopicArn = topic }), estate);
        (code, errors).ShouldBe((CallCommand.Succeeded, ""));
        JsonElement.Parse(output).GetProperty("Attributes").GetProperty("DisplayName").GetProperty("_redacted").GetBoolean().ShouldBeTrue();
    }

    private static async Task ScanAndEvaluateAsync(RunningQrie qrie, Estate estate)
    {
        await qrie.PostAsync("/accounts", new { account_id = estate.AccountId });
        foreach (var service in CatalogSecrets.Services)
        {
            var scan = await qrie.ScanAsync(new { kind = "inventory", account_id = estate.AccountId, service });
            scan.GetProperty("status").GetString().ShouldBe("completed", service);
        }

        foreach (var policy in qrie.Services.GetRequiredService<ICatalog>().Current.Policies.Where(p => !p.Deprecated))
        {
            await qrie.LaunchAsync(policy.Id);
        }
    }

    private static async Task<Dictionary<string, string>> AnswersAsync(RunningQrie qrie, Estate estate)
    {
        var answers = new Dictionary<string, string>();
        foreach (var list in new[] { "resources", "findings" })
        {
            var rows = await qrie.AllAsync($"/{list}?account={estate.AccountId}", list);
            rows.ShouldNotBeEmpty(list);
            answers[list] = string.Concat(rows.Select(r => r.GetRawText()));
        }

        foreach (var path in new[] { "/coverage", $"/coverage?account={estate.AccountId}", "/accounts",
            "/services", "/policies", "/scans?page_size=100", "/health", "/openapi/v1.json" })
        {
            answers[path] = await qrie.Http.GetStringAsync(new Uri(path, UriKind.Relative));
        }

        answers["resources"].ShouldContain("_redacted");
        return answers;
    }

    private static async Task<(int Code, string Output, string Errors)> CallAsync(IServiceProvider services, AwsCall call, Estate estate)
    {
        var command = new CallCommand(
            services.GetRequiredService<IAwsApi>(), services.GetRequiredService<ModelCatalog>(), services.GetRequiredService<PrincipalResolver>(),
            services.GetRequiredService<AwsRegion>(), services.GetRequiredService<IAccountStore>());
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var parameters = call.Parameters.ValueKind is JsonValueKind.Undefined ? null : call.Parameters.GetRawText();
        var code = await command.RunAsync(new CallArguments($"{call.Service}:{call.Operation}", parameters, estate.AccountId), output, errors, default);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>The bytes of all files, including the store.</summary>
    private static IEnumerable<string> FoundInFiles(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .SelectMany(file => PlantedSecrets.In(File.ReadAllBytes(file)).Select(secret => $"{file}: {secret}"));

    /// <summary>Every cell of every table as text, decompressed if necessary.</summary>
    private static async Task<List<(string Place, string Text)>> CellsAsync(string store)
    {
        var cells = new List<(string, string)>();
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString());
        await connection.OpenAsync();
        foreach (var table in await RowsAsync("SELECT name FROM sqlite_master WHERE type = 'table'"))
        {
            foreach (var row in await RowsAsync($"SELECT * FROM \"{table[0].Value}\""))
            {
                cells.AddRange(row.Select(cell => ($"{table[0].Value}.{cell.Name}", cell.Value switch
                {
                    byte[] bytes => Unpack(bytes),
                    var value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
                })));
            }
        }

        return cells;

        async Task<List<List<(string Name, object Value)>>> RowsAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            var rows = new List<List<(string, object)>>();
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetValue(i)))]);
            }

            return rows;
        }
    }

    /// <summary>A configuration, or other bytes such as keys and hashes.</summary>
    private static string Unpack(byte[] bytes)
    {
        using var packed = new MemoryStream(bytes, writable: false);
        using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
        using var text = new StreamReader(brotli);
        try
        {
            return text.ReadToEnd();
        }
        catch (InvalidDataException)
        {
            return Encoding.UTF8.GetString(bytes);
        }
    }
}
