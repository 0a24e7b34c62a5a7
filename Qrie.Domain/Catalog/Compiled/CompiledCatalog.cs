using System.Security.Cryptography;
using System.Text;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Compiled;

/// <summary>
/// The files of a catalog folder, parsed and found to be without errors, in one file beside them that <c>qrie catalog compile</c> writes at build. It counts
/// only for exactly these files and this build; otherwise files are read and checked as any others.
/// </summary>
internal sealed class CompiledCatalog
{
    public const string FileName = "compiled.bin";

    /// <summary>The key of policies whose value is read later: most of a policy file are its tests.</summary>
    private const string Later = "tests";

    private readonly SourceTreeReader _trees;
    private readonly Dictionary<string, (ArraySegment<byte> First, ArraySegment<byte> Later)> _files;

    private CompiledCatalog(
        SourceTreeReader trees, Dictionary<string, (ArraySegment<byte> First, ArraySegment<byte> Later)> files, Dictionary<string, string?> signingNames) =>
        (_trees, _files, SigningNames) = (trees, files, signingNames);

    /// <summary>By API, from the service models; null: there is no such API.</summary>
    public Dictionary<string, string?> SigningNames { get; }

    /// <summary>Null if there is none, or it belongs to other files or to another build.</summary>
    public static CompiledCatalog? Open(string folder)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(Path.Combine(folder, FileName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        try
        {
            return content.AsSpan(0, Math.Min(content.Length, SHA256.HashSizeInBytes)).SequenceEqual(KeyOf(folder)) ? Read(content) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The document of a file, without the tests if it is a policy; null if the file is not in it.</summary>
    public SourceNode? Find(string path) => _files.TryGetValue(path, out var trees) ? _trees.Read(path, trees.First) : null;

    /// <summary>The document of a policy, with its tests only.</summary>
    public SourceMap FindTests(string path) => (SourceMap)_trees.Read(path, _files[path].Later);

    /// <param name="folder">The folder of the catalog.</param>
    /// <param name="files">All its files.</param>
    /// <param name="signingNames">What loading them needs to know of the service models.</param>
    public static void Write(string folder, IReadOnlyList<CatalogFile> files, IReadOnlyDictionary<string, string?> signingNames)
    {
        var errors = new CatalogErrors();
        var trees = new SourceTreeWriter();
        var written = files.Select(file => (Path: trees.IndexOf(file.Path), Document: SourceReader.Read(file.Path, file.Text, errors)!))
            .Select(file => (file.Path, First: trees.Write(Part(file.Document, later: false)), Later: trees.Write(Part(file.Document, later: true))))
            .ToList();
        var names = signingNames.OrderBy(name => name.Key, StringComparer.Ordinal)
            .Select(name => (Api: trees.IndexOf(name.Key), Name: trees.IndexOf(name.Value ?? ""))).ToList();
        var target = Path.Combine(folder, FileName);
        var unfinished = target + ".tmp";
        using (var writer = new BinaryWriter(File.Create(unfinished), Encoding.UTF8))
        {
            writer.Write(KeyOf(folder));
            trees.WriteTexts(writer);
            writer.Write7BitEncodedInt(written.Count);
            foreach (var (path, first, later) in written)
            {
                writer.Write7BitEncodedInt(path);
                writer.Write7BitEncodedInt(first.Length);
                writer.Write7BitEncodedInt(later.Length);
                writer.Write(first);
                writer.Write(later);
            }

            writer.Write7BitEncodedInt(names.Count);
            foreach (var (api, name) in names)
            {
                writer.Write7BitEncodedInt(api);
                writer.Write7BitEncodedInt(name);
            }
        }

        // A service that starts meanwhile reads the old file or the new one.
        File.Move(unfinished, target, overwrite: true);
    }

    private static CompiledCatalog Read(byte[] content)
    {
        using var reader = new BinaryReader(
            new MemoryStream(content, SHA256.HashSizeInBytes, content.Length - SHA256.HashSizeInBytes, writable: false), Encoding.UTF8);
        var trees = SourceTreeReader.ReadTexts(reader);
        var files = new Dictionary<string, (ArraySegment<byte> First, ArraySegment<byte> Later)>();
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var path = trees.Text(reader.Read7BitEncodedInt());
            var (first, later) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
            var start = SHA256.HashSizeInBytes + (int)reader.BaseStream.Position;
            files[path] = (new ArraySegment<byte>(content, start, first), new ArraySegment<byte>(content, start + first, later));
            reader.BaseStream.Position += first + later;
        }

        var names = new Dictionary<string, string?>();
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var (api, name) = (trees.Text(reader.Read7BitEncodedInt()), trees.Text(reader.Read7BitEncodedInt()));
            names[api] = name.Length == 0 ? null : name;
        }

        return new CompiledCatalog(trees, files, names);
    }

    private static SourceMap Part(SourceNode document, bool later)
    {
        var part = new SourceMap(document.File, document.Line, document.Column);
        part.Entries.AddRange(((SourceMap)document).Entries.Where(entry => entry.Key.Value == Later == later));
        return part;
    }

    /// <summary>Over this build and every file that decides what the catalog means: names and contents.</summary>
    private static byte[] KeyOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(typeof(CompiledCatalog).Module.ModuleVersionId.ToByteArray());
        hash.AppendData(typeof(JmesPathExpression).Module.ModuleVersionId.ToByteArray());
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal)
                || name.EndsWith(".json", StringComparison.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(name));
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
            }
        }

        return hash.GetHashAndReset();
    }
}
