using System.Runtime.CompilerServices;
using Qrie.Domain.Catalog.Reference;

namespace Qrie.Tests.Catalog;

public sealed class CatalogReferenceTests
{
    [Fact]
    public async Task The_reference_in_docs_is_up_to_date()
    {
        var folder = Folder();
        var pages = CatalogReference.PagesOf(ShippedCatalog.Instance);
        if (Environment.GetEnvironmentVariable("QRIE_WRITE_REFERENCE") == "1")
        {
            Directory.CreateDirectory(folder);
            Directory.GetFiles(folder).Where(f => !pages.ContainsKey(Path.GetFileName(f))).ToList().ForEach(File.Delete);
            await Task.WhenAll(pages.Select(p => File.WriteAllTextAsync(Path.Combine(folder, p.Key), p.Value)));
        }

        Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).ShouldBe(pages.Keys, ignoreOrder: true, "Run this test with QRIE_WRITE_REFERENCE=1.");
        foreach (var (name, text) in pages)
        {
            (await File.ReadAllTextAsync(Path.Combine(folder, name))).ShouldBe(text, $"{name} is stale: run this test with QRIE_WRITE_REFERENCE=1.");
        }
    }

    private static string Folder([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "docs", "reference"));
}
