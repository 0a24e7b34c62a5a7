using System.Globalization;
using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>The paths by which models refer to a value in a response: <c>a.b</c>, <c>a[-1].b</c>, <c>a || b</c>.</summary>
internal static class ModelPath
{
    /// <summary>The value at a path; null if it is missing or null.</summary>
    public static JsonElement? Find(JsonElement root, string path)
    {
        foreach (var alternative in path.Split("||", StringSplitOptions.TrimEntries))
        {
            if (Follow(root, alternative) is { ValueKind: not JsonValueKind.Null } found)
            {
                return found;
            }
        }

        return null;
    }

    private static JsonElement? Follow(JsonElement root, string path)
    {
        var current = root;
        foreach (var step in path.Split('.'))
        {
            var bracket = step.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? step : step[..bracket];
            if (current.ValueKind is not JsonValueKind.Object || !current.TryGetProperty(name, out current))
            {
                return null;
            }

            if (bracket >= 0)
            {
                var index = int.Parse(step.AsSpan(bracket + 1, step.Length - bracket - 2), CultureInfo.InvariantCulture);
                if (current.ValueKind is not JsonValueKind.Array || current.GetArrayLength() < (index < 0 ? -index : index + 1))
                {
                    return null;
                }

                current = current[index < 0 ? current.GetArrayLength() + index : index];
            }
        }

        return current;
    }
}
