using System.Text.Json;

namespace Qrie.Ui.Shared;

/// <summary>
/// The parts of a configuration to which evidence points. Evidence is made of a configuration's values, sometimes under other names: a part is marked when the
/// evidence contains it as a whole, or names it and has its value.
/// </summary>
public sealed class JsonMarks
{
    public static readonly JsonMarks None = new([]);

    /// <summary>Nothing is marked, everything is shown.</summary>
    public static readonly JsonMarks All = new([]) { _shows = true };

    private bool _shows;
    private readonly HashSet<string> _paths;
    private readonly HashSet<string> _ancestors = [""];

    private JsonMarks(HashSet<string> paths)
    {
        _paths = paths;
        foreach (var path in paths)
        {
            for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
            {
                _ancestors.Add(path[..end]);
            }
        }
    }

    public int Count => _paths.Count;

    public static JsonMarks Of(JsonElement configuration, JsonElement evidence)
    {
        var (wholes, members) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        Collect(evidence, null, wholes, members);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        Mark(configuration, "", null, wholes, members, paths);
        // An id is in the evidence to say of what it speaks; it is marked only where nothing else is.
        var telling = paths.Where(p => !IsIdentity(p[(p.LastIndexOf('/') + 1)..])).ToHashSet(StringComparer.Ordinal);
        return new JsonMarks(telling.Count > 0 ? telling : paths);
    }

    /// <summary>A JSON pointer (RFC 6901).</summary>
    public static string Join(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public bool Contains(string path) => _paths.Contains(path);

    /// <summary>Whether something marked is within.</summary>
    public bool IsOnTheWay(string path) => _shows || _ancestors.Contains(path);

    private static void Collect(JsonElement value, string? name, HashSet<string> wholes, HashSet<string> members)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            wholes.Add(Text(value));
            foreach (var member in value.EnumerateObject())
            {
                Collect(member.Value, member.Name, wholes, members);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Collect(item, name, wholes, members);
            }
        }
        else if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) && name is not null)
        {
            members.Add($"{Plain(name)}={value.GetRawText()}");
        }
    }

    private static void Mark(JsonElement value, string path, string? name, HashSet<string> wholes, HashSet<string> members, HashSet<string> paths)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            if (path.Length > 0 && value.EnumerateObject().Any() && wholes.Contains(Text(value)))
            {
                paths.Add(path);
                return;
            }

            foreach (var member in value.EnumerateObject().Where(m => m.Name != "_unknown"))
            {
                Mark(member.Value, Join(path, member.Name), member.Name, wholes, members, paths);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                Mark(item, Join(path, $"{index++}"), name, wholes, members, paths);
            }
        }
        else if (name is not null && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            && members.Contains($"{Plain(name)}={value.GetRawText()}"))
        {
            paths.Add(path);
        }
    }

    private static bool IsIdentity(string name) => name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("Name", StringComparison.Ordinal)
        || name.EndsWith("Arn", StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string Text(JsonElement value) => JsonSerializer.Serialize(value);
}
