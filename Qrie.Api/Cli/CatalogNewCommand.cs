using System.CommandLine;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Api.Cli;

/// <summary><c>qrie catalog new policy</c> and <c>qrie catalog new service</c>.</summary>
internal static class CatalogNewCommand
{
    private const int WrongUse = 2;

    /// <param name="folders">The catalog's folders, the shipped one first.</param>
    /// <param name="ownFolder">The configured folder of one's own; null if there is none.</param>
    public static Command Of(CliConsole console, Func<IReadOnlyList<string>> folders, Func<string?> ownFolder)
    {
        var folder = new Option<string?>("--folder")
        {
            Description = "The folder with services/ and policies/; by default Catalog:Path, else my-catalog",
        };
        var id = new Argument<string>("id") { Description = "The policy's id, which names the bad state: S3BucketLifecycleMissing" };
        var type = new Option<string>("--type") { Description = "The resource type that it evaluates: AWS::S3::Bucket", Required = true };
        var policy = new Command("policy", "Write a policy to begin with. Its two cases fail until its expression decides something.") { id, type, folder };
        policy.SetAction((parsed, cancel) => PolicyAsync(
            console, folders(), parsed.GetValue(folder) ?? ownFolder() ?? "my-catalog", parsed.GetValue(id)!, parsed.GetValue(type)!, cancel));

        var api = new Argument<string>("api") { Description = "AWS's service, as the AWS CLI spells it: athena" };
        var list = new Option<string?>("--list") { Description = "The list to make a type of; by default the first that needs no parameter" };
        var service = new Command("service", "Write a service to begin with: a type made of one of its lists, and its changing operations.")
        {
            api, list, folder,
        };
        service.SetAction((parsed, cancel) => ServiceAsync(
            console, folders(), parsed.GetValue(folder) ?? ownFolder() ?? "my-catalog", parsed.GetValue(api)!, parsed.GetValue(list), cancel));
        return new Command("new", "Write a file to begin with.") { policy, service };
    }

    private static async Task<int> PolicyAsync(
        CliConsole console, IReadOnlyList<string> folders, string folder, string id, string type, CancellationToken cancel)
    {
        if (!id.All(char.IsAsciiLetterOrDigit) || !char.IsAsciiLetterUpper(id[0]))
        {
            return await RefuseAsync(console, $"'{id}' is no id: letters and digits, beginning with a capital letter, as in S3BucketLifecycleMissing.");
        }

        var catalog = Load([.. folders, .. folders.Contains(folder) || !Directory.Exists(folder) ? [] : new[] { folder }], out var mistake);
        if (catalog is null)
        {
            return await RefuseAsync(console, $"The catalog has errors (qrie catalog check lists all): {mistake}");
        }

        if (catalog.Policies.Any(p => string.Equals(p.Id, id, StringComparison.OrdinalIgnoreCase)))
        {
            return await RefuseAsync(console, $"There is a policy {id} already.");
        }

        return catalog.FindType(type) is { } found
            ? await WriteAsync(console, Path.Combine(folder, "policies", found.Service, $"{id}.yaml"), CatalogDrafts.Policy(id, found), folder, cancel)
            : await RefuseAsync(
                console, $"There is no resource type {type}. The catalog has {Like(type, catalog.Services.SelectMany(s => s.Resources).Select(r => r.Type))}.");
    }

    private static async Task<int> ServiceAsync(
        CliConsole console, IReadOnlyList<string> folders, string folder, string api, string? list, CancellationToken cancel)
    {
        var models = ModelCatalog.Open([.. folders.Select(f => Path.Combine(f, "aws")).Where(Directory.Exists)]);
        if (models.FindService(api) is not { } model)
        {
            return await RefuseAsync(console, $"There is no model of {api}. There are {Like(api, models.Services)}.");
        }

        if (Load(folders, out _)?.Services.FirstOrDefault(s => s.Key == api || s.Apis.Contains(api)) is { } known)
        {
            return await RefuseAsync(console, $"The catalog has the service {known.Key} already: add a type to its file.");
        }

        var lists = CatalogDrafts.Lists(model, ReadList.Open([.. folders.Select(f => Path.Combine(f, "aws")).Where(Directory.Exists)]));
        var (operation, rows) = lists.FirstOrDefault(l => list is null || l.Operation.Name == list);
        return operation is not null
            ? await WriteAsync(console, Path.Combine(folder, "services", $"{api}.yaml"), CatalogDrafts.Service(model, operation, rows), folder, cancel)
            : await RefuseAsync(console, lists.Count == 0
                ? $"{api} has no list that needs no parameter: write the file by hand, as docs/catalog-services.md says."
                : $"{list} is no list of {api} that needs no parameter. There are {string.Join(", ", lists.Select(l => l.Operation.Name))}.");
    }

    private static ResourceCatalog? Load(IReadOnlyList<string> folders, out string? mistake)
    {
        try
        {
            mistake = null;
            return CatalogLoader.Load(folders);
        }
        catch (CatalogException wrong)
        {
            mistake = wrong.Errors[0].ToString();
            return null;
        }
    }

    private static async Task<int> WriteAsync(CliConsole console, string path, string text, string folder, CancellationToken cancel)
    {
        if (File.Exists(path))
        {
            return await RefuseAsync(console, $"{path} is there already.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, cancel);
        await console.Output.WriteLineAsync($"{path}: write what is marked FILL IN, then qrie catalog check {folder}");
        return 0;
    }

    private static async Task<int> RefuseAsync(CliConsole console, string mistake)
    {
        await console.Errors.WriteLineAsync($"[ERROR] {mistake}");
        return WrongUse;
    }

    /// <summary>Those that have the last part of what was asked for, or else some.</summary>
    private static string Like(string asked, IEnumerable<string> all)
    {
        var part = asked.Split(':')[^1];
        var names = all.Order(StringComparer.Ordinal).ToList();
        var like = names.Where(n => n.Contains(part, StringComparison.OrdinalIgnoreCase)).ToList();
        return string.Join(", ", (like.Count > 0 ? like : names).Take(12)) + (like.Count is 0 or > 12 ? " and others" : "");
    }
}
