using System.CommandLine;
using Microsoft.Extensions.Options;
using Qrie.Domain;
using Qrie.Domain.Archiving;

namespace Qrie.Api.Cli.Archives;

/// <summary><c>qrie archive list</c> and <c>qrie archive show</c>: read archives from the bucket, without the service and its store.</summary>
internal static class ArchiveCommand
{
    private const int Succeeded = 0;
    private const int NotRead = 1;
    private const int WrongUse = 2;

    /// <param name="services">Makes the services; the bucket is that of the configuration.</param>
    public static Command Build(CliConsole console, Func<ServiceProvider> services)
    {
        var organization = new Option<string>("--organization")
        {
            Description = "The organization of the archives",
            DefaultValueFactory = _ => Organizations.Default,
        };
        var list = new Command("list", "List the archives in Archive:Bucket, the oldest first.") { organization };
        list.SetAction((parsed, cancel) => RunAsync(
            console, services, reader => ListAsync(console, reader, parsed.GetValue(organization)!, cancel)));
        var id = new Argument<string>("id") { Description = "The id of an archive, from qrie archive list" };
        var policy = new Option<string?>("--policy") { Description = "Only findings of this policy" };
        var account = new Option<string?>("--account") { Description = "Only findings of this account" };
        var show = new Command("show", "Verify an archive and print its findings as JSON lines.") { id, organization, policy, account };
        show.SetAction((parsed, cancel) => RunAsync(
            console, services,
            reader => ShowAsync(
                console, reader, (parsed.GetValue(organization)!, parsed.GetValue(id)!), (parsed.GetValue(policy), parsed.GetValue(account)), cancel)));
        return new Command("archive", "Read archives of findings (docs/archive.md).") { list, show };
    }

    private static async Task<int> RunAsync(CliConsole console, Func<ServiceProvider> services, Func<ArchiveReader, Task> read)
    {
        try
        {
            await using var provider = services();
            var bucket = provider.GetRequiredService<IArchiveBucket>();
            if (bucket.Location is null)
            {
                await console.Errors.WriteLineAsync("[ERROR] There is no bucket for archives: set Archive__Bucket in the environment.");
                return WrongUse;
            }

            await read(new ArchiveReader(bucket));
            return Succeeded;
        }
        catch (ArchiveException e)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {e.Message}");
            return NotRead;
        }
        catch (OptionsValidationException e)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {e.Message}");
            return WrongUse;
        }
    }

    private static async Task ListAsync(CliConsole console, ArchiveReader reader, string organization, CancellationToken cancel)
    {
        await foreach (var (archiveId, manifest) in reader.ListAsync(organization, cancel))
        {
            await console.Output.WriteLineAsync(manifest is null
                ? $"{archiveId}  not complete: there is no manifest"
                : $"{archiveId}  {manifest.CompletedAt:u}  {manifest.Reason,-8}  {manifest.AccountId ?? "all accounts",-12}  {manifest.Findings} findings");
        }
    }

    private static async Task ShowAsync(
        CliConsole console, ArchiveReader reader, (string Organization, string Id) archive, (string? Policy, string? Account) filter, CancellationToken cancel)
    {
        var manifest = await reader.ManifestAsync(archive.Organization, archive.Id, cancel);
        var shown = 0L;
        await foreach (var line in reader.ReadAsync(manifest, filter.Policy, filter.Account, cancel))
        {
            await console.Output.WriteLineAsync(line);
            shown++;
        }

        await console.Errors.WriteLineAsync($"{shown} of {manifest.Findings} findings; the checksums of {manifest.Parts.Count} parts are right.");
    }
}
