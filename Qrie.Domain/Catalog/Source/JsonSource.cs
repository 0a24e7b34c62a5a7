using System.Text;
using System.Text.Json;

namespace Qrie.Domain.Catalog.Source;

/// <summary>Reads JSON into the same nodes as YAML, with positions, so that a policy may be sent in either format.</summary>
internal sealed class JsonSource
{
    private readonly string _file;
    private readonly byte[] _text;
    private readonly CatalogErrors _errors;
    private long _line = 1;
    private int _lineStart;
    private int _seen;

    private JsonSource(string file, byte[] text, CatalogErrors errors)
    {
        _file = file;
        _text = text;
        _errors = errors;
    }

    /// <param name="file">For messages.</param>
    /// <param name="json">An already parsed value, whose depth is therefore limited.</param>
    /// <param name="errors">Receives errors such as duplicate keys.</param>
    public static SourceNode Read(string file, JsonElement json, CatalogErrors errors)
    {
        var source = new JsonSource(file, Encoding.UTF8.GetBytes(json.GetRawText()), errors);
        var reader = new Utf8JsonReader(source._text);
        reader.Read();
        return source.ReadValue(ref reader);
    }

    private SourceNode ReadValue(ref Utf8JsonReader reader)
    {
        var (line, column) = PlaceOf((int)reader.TokenStartIndex);
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadMap(ref reader, new SourceMap(_file, line, column)),
            JsonTokenType.StartArray => ReadList(ref reader, new SourceList(_file, line, column)),
            JsonTokenType.String => Text(reader.GetString()!, line, column, ScalarForm.Quoted),
            // Numbers, true, false and null have the same form in YAML.
            _ => Text(Encoding.UTF8.GetString(reader.ValueSpan), line, column, ScalarForm.Plain),
        };
    }

    private SourceMap ReadMap(ref Utf8JsonReader reader, SourceMap map)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (line, column) = PlaceOf((int)reader.TokenStartIndex);
            var key = Text(reader.GetString()!, line, column, ScalarForm.Quoted);
            reader.Read();
            var value = ReadValue(ref reader);
            if (map.Find(key.Value) is { } first)
            {
                _errors.Add(key, $"'{key.Value}' is written twice, first in line {first.Key.Line}.", "Keep one of the two.");
            }
            else
            {
                map.Entries.Add(new SourceEntry(key, value));
            }
        }

        return map;
    }

    private SourceList ReadList(ref Utf8JsonReader reader, SourceList list)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Items.Add(ReadValue(ref reader));
        }

        return list;
    }

    private SourceScalar Text(string value, long line, long column, ScalarForm form) => new(_file, line, column) { Value = value, Form = form };

    /// <summary>Tokens come in order, so every byte is visited once.</summary>
    private (long Line, long Column) PlaceOf(int index)
    {
        for (; _seen < index; _seen++)
        {
            if (_text[_seen] == '\n')
            {
                _line++;
                _lineStart = _seen + 1;
            }
        }

        return (_line, Encoding.UTF8.GetCharCount(_text, _lineStart, index - _lineStart) + 1);
    }
}
