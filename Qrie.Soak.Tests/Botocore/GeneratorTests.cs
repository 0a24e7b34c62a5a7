using System.Text.Json;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Botocore;

/// <summary>The output of tools/aws-models equals the files in the repository, and is correct.</summary>
public sealed class GeneratorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-models-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [BotocoreFact]
    public async Task Models_and_endpoints_are_up_to_date()
    {
        var root = RepositoryRoot();

        await Python.RunAsync(Path.Combine(root, "tools", "aws-models", "generate.py"), ["--out", _folder]);

        Differences(_folder, Path.Combine(root, "catalog", "aws")).ShouldBeEmpty("run python3 tools/aws-models/generate.py and commit the result");
    }

    [BotocoreFact]
    public async Task The_models_of_the_test_administrator_are_up_to_date()
    {
        var admin = Path.Combine(RepositoryRoot(), "Qrie.Tests", "Emulator", "Admin");

        await Python.RunAsync(
            Path.Combine(RepositoryRoot(), "tools", "aws-models", "generate.py"),
            ["--services", Path.Combine(admin, "operations.txt"), "--out", _folder, "--only-listed", "--no-endpoints"]);

        Differences(_folder, admin).ShouldBeEmpty("run the command in operations.txt and commit the result");
    }

    [BotocoreFact]
    public async Task Endpoints_of_every_service_in_every_region_equal_botocores_rule_sets()
    {
        var root = RepositoryRoot();
        var lines = await Python.RunAsync(Python.Script("endpoints_truth.py"), [Path.Combine(root, "tools", "aws-models"), .. EmulatedAws.Models.Services]);

        var wrong = new List<string>();
        foreach (var truth in lines.Select(l => JsonElement.Parse(l)))
        {
            var (service, region) = (truth.GetProperty("service").GetString()!, truth.GetProperty("region").GetString()!);
            var endpoint = EmulatedAws.Models.Endpoints.Resolve(service, region);
            var signingName = EmulatedAws.Models.Endpoints.SigningNameOf(service) ?? EmulatedAws.Models.FindService(service)!.SigningName;
            var (ours, theirs) = (
                $"{endpoint.Url.GetLeftPart(UriPartial.Authority)} {endpoint.SigningRegion} {signingName}",
                $"{truth.GetProperty("url").GetString()} {truth.GetProperty("signingRegion").GetString()} {truth.GetProperty("signingName").GetString()}");
            if (ours != theirs)
            {
                wrong.Add($"{service} in {region}: {ours}, expected {theirs}");
            }
        }

        wrong.ShouldBeEmpty();
        lines.Count.ShouldBeGreaterThan(4000);
    }

    private static IEnumerable<string> Differences(string made, string kept)
    {
        var names = Directory.EnumerateFiles(made, "*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(made, f))
            .Union(Directory.EnumerateFiles(Path.Combine(kept, "models"), "*.json").Select(f => Path.GetRelativePath(kept, f)));
        return names.Where(n => Read(Path.Combine(made, n)) != Read(Path.Combine(kept, n)));
    }

    private static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file) : null;

    private static string RepositoryRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Qrie.Api.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
