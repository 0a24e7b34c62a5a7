using System.Text.Json;
using Qrie.JmesPath.Tracing;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath;

/// <summary>Enumerates an array for foreach.</summary>
public struct JmesArrayEnumerator
{
    private readonly JmesArray? _built;
    private readonly TraceNode? _origin;
    private JsonElement.ArrayEnumerator _elements;
    private int _index = -1;

    internal JmesArrayEnumerator(in JmesValue array)
    {
        if (array.Kind is not JmesKind.Array)
        {
            _built = JmesArray.Empty;
        }
        else if (array.IsElement)
        {
            _elements = array.Element.EnumerateArray();
            if (array.Origin is { } origin && array.Count > 0)
            {
                _origin = origin.ReadElement();
            }
        }
        else
        {
            _built = (JmesArray)array.Container!;
        }
    }

    /// <summary>The current element.</summary>
    public readonly JmesValue Current => _built is null ? new(_elements.Current, _origin) : _built[_index];

    /// <summary>This enumerator, so that foreach accepts it.</summary>
    public readonly JmesArrayEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next element; false at the end.</summary>
    public bool MoveNext() => _built is null ? _elements.MoveNext() : ++_index < _built.Count;
}

/// <summary>Enumerates an object for foreach.</summary>
public struct JmesObjectEnumerator
{
    private readonly JmesObject? _built;
    private readonly TraceNode? _origin;
    private readonly bool _isElement;
    private JsonElement.ObjectEnumerator _elements;
    private int _index = -1;

    internal JmesObjectEnumerator(in JmesValue value)
    {
        if (value.Kind is not JmesKind.Object)
        {
            return;
        }

        _origin = value.Origin?.ReadEveryMember();
        _isElement = value.IsElement;
        if (_isElement)
        {
            _elements = value.Element.EnumerateObject();
        }
        else
        {
            _built = (JmesObject)value.Container!;
        }
    }

    /// <summary>The current name and value.</summary>
    public readonly KeyValuePair<string, JmesValue> Current =>
        new(_isElement ? _elements.Current.Name : _built!.Members[_index].Key, CurrentValue);

    /// <summary>The current value, without creating a string for its name.</summary>
    internal readonly JmesValue CurrentValue
    {
        get
        {
            if (_isElement)
            {
                return new(_elements.Current.Value, _origin);
            }

            var value = _built!.Members[_index].Value;
            return _origin is null ? value : value.WithOrigin(_origin);
        }
    }

    /// <summary>This enumerator, so that foreach accepts it.</summary>
    public readonly JmesObjectEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next member; false at the end.</summary>
    public bool MoveNext() => _isElement ? _elements.MoveNext() : _built is not null && ++_index < _built.Count;
}
