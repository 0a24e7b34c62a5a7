using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Qrie.Tests.Source;

/// <summary>Source rules that the build does not check.</summary>
public sealed partial class LineLengthTests
{
    [Fact]
    public void No_line_is_longer_than_the_editorconfig_says()
    {
        var root = Root();
        var longest = int.Parse(MaxLineLength().Match(File.ReadAllText(Path.Combine(root, ".editorconfig"))).Groups[1].Value);
        var files = Directory.EnumerateDirectories(root, "Qrie.*")
            .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)).ToList();
        files.Count.ShouldBeGreaterThan(500);

        files.SelectMany(file => File.ReadLines(file).Select((line, i) => (Place: $"{Path.GetRelativePath(root, file)}({i + 1})", line.Length)))
            .Where(line => line.Length > longest).Select(line => $"{line.Place}: {line.Length}").ShouldBeEmpty();
    }

    private static string Root([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", ".."));

    [GeneratedRegex("max_line_length = ([0-9]+)")]
    private static partial Regex MaxLineLength();
}
