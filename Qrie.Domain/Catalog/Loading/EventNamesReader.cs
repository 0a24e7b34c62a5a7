using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Catalog.Typing;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads <c>aws/events.yaml</c> of every folder; each may add to the others, but none may replace what another defines.</summary>
internal sealed class EventNamesReader(IOperationShapes? shapes, CatalogErrors errors)
{
    private readonly Dictionary<string, string> _sources = [];
    private readonly Dictionary<string, IReadOnlyList<EventKey>> _names = [];
    private readonly List<EventKey> _others = [];

    public CloudTrailNames Read(IReadOnlyList<CatalogFile> files)
    {
        // The sources of all files are read first, because the names of any file may depend on them.
        var readers = files.Select(file => (
                Map: file.Read(errors) is { } root ? MapReader.From(root, "the table of event names", errors) : null, Shapes: file.IsChecked ? null : shapes))
            .Where(reader => reader.Map is not null).ToList();
        readers.ForEach(reader => ReadSources(reader.Map!, reader.Shapes));
        readers.ForEach(reader => ReadNames(reader.Map!, reader.Shapes));
        readers.ForEach(reader => ReadOthers(reader.Map!));
        readers.ForEach(reader => reader.Map!.RefuseOthers());
        return new CloudTrailNames(_sources, _names, _others);
    }

    /// <param name="reader">The file.</param>
    /// <param name="check">What its names must be known to; null for no check.</param>
    private void ReadSources(MapReader reader, IOperationShapes? check)
    {
        var texts = reader.TextMap("sources");
        foreach (var (api, _) in reader.Entries("sources").Where(entry => texts.ContainsKey(entry.Key.Value)))
        {
            if (check is not null && check.FindApi(api.Value) is null)
            {
                errors.Add(api, $"There is no API '{api.Value}'.", "Write the name of a file of aws/models.");
            }
            else if (!_sources.TryAdd(api.Value, texts[api.Value]))
            {
                errors.Add(api, $"The source of '{api.Value}' is stated already.", "Delete one of the two.");
            }
        }
    }

    private void ReadNames(MapReader reader, IOperationShapes? check)
    {
        if (MapReader.From(reader.Node("names"), "'names'", errors) is not { } map)
        {
            return;
        }

        foreach (var (key, _) in map.Map.Entries)
        {
            var events = map.Texts(key.Value);
            if (key.Value.Split(':') is not [{ Length: > 0 } api, { Length: > 0 } operation])
            {
                errors.Add(key, $"'{key.Value}' is not an operation.", "Write 'service:Operation'.");
                continue;
            }

            if (check is not null && check.FindApi(api)?.Operations.Contains(operation) is not true)
            {
                errors.Add(
                    key, $"AWS has no operation {key.Value}.", "See the model in aws/models; an event without an operation goes under 'others'.");
                continue;
            }

            var source = new CloudTrailNames(_sources, _names, []).SourceOf(api, shapes?.SigningNameOf(api));
            if (!_names.TryAdd(key.Value, [.. events.Select(text => KeyOf(text, source))]))
            {
                errors.Add(key, $"The events of {key.Value} are stated already.", "Delete one of the two.");
            }
        }
    }

    private void ReadOthers(MapReader reader)
    {
        if (MapReader.From(reader.Node("others"), "'others'", errors) is { } map)
        {
            foreach (var (source, _) in map.Map.Entries)
            {
                _others.AddRange(map.Texts(source.Value).Select(name => EventKey.Of(source.Value, name)));
            }
        }
    }

    private static EventKey KeyOf(string text, string source) =>
        text.Split('/', 2) is [var other, var name] ? EventKey.Of(other, name) : EventKey.Of(source, text);
}
