using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>Reads the reviewed lists of <c>catalog/aws</c>: JSON objects with one member per service.</summary>
internal static class ReviewedList
{
    /// <summary>Reads a file of each folder that has it, in order.</summary>
    /// <param name="folders">The folders; later ones add to earlier ones.</param>
    /// <param name="fileName">The name of the file.</param>
    /// <param name="add">Receives each service; throws one of the exceptions of <see cref="JsonElement"/> if its value is invalid.</param>
    /// <exception cref="AwsCatalogException">A file is not readable or not valid.</exception>
    public static void Read(IReadOnlyList<string> folders, string fileName, Action<JsonProperty> add)
    {
        foreach (var file in folders.Select(folder => Path.Combine(folder, fileName)).Where(File.Exists))
        {
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(file));
                foreach (var service in document.RootElement.EnumerateObject())
                {
                    add(service);
                }
            }
            catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new AwsCatalogException($"{file} is not valid: {e.Message}", e);
            }
        }
    }

    /// <exception cref="InvalidOperationException">The value is not a string.</exception>
    public static string Text(JsonProperty member, string place) =>
        member.Value.GetString() ?? throw new InvalidOperationException($"{place} {member.Name} has no text");
}
