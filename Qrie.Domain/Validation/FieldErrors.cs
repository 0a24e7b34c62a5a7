namespace Qrie.Domain.Validation;

/// <summary>All errors of an input, by field, so that the caller can fix them at once.</summary>
public sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    private readonly List<ErrorLocation> _places = [];

    public bool Any => _errors.Count > 0;

    /// <summary>The positions of some of them in a text.</summary>
    public IReadOnlyList<ErrorLocation> Places => _places;

    /// <summary>Messages by field, in the caller's (snake_case) names. Each says what is wrong and what would be right.</summary>
    public IReadOnlyDictionary<string, string[]> ByField => _errors.ToDictionary(e => e.Key, e => e.Value.ToArray());

    public void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var messages))
        {
            _errors[field] = messages = [];
        }

        messages.Add(message);
    }

    /// <summary>Adds an error at its position in a text of the caller.</summary>
    public void Add(ErrorLocation place)
    {
        Add(place.Field, $"{place.Message} {place.Remedy}");
        _places.Add(place);
    }

    /// <summary>Adds the message unless the condition holds.</summary>
    public void Require(bool condition, string field, string message)
    {
        if (!condition)
        {
            Add(field, message);
        }
    }

    public void ThrowIfAny()
    {
        if (Any)
        {
            throw new InvalidInputException(this);
        }
    }
}

/// <summary>An error in an expression or document of the caller.</summary>
/// <param name="Field">The field that holds the text.</param>
/// <param name="Line">1-based; 0 for the text as a whole.</param>
/// <param name="Column">1-based; 0 for the text as a whole.</param>
/// <param name="Offset">Zero-based, in UTF-16 units, for an expression; null for a document.</param>
public sealed record ErrorLocation(string Field, long Line, long Column, int? Offset, string Message, string Remedy);

/// <summary>The input is invalid; nothing was changed.</summary>
public sealed class InvalidInputException(FieldErrors errors) : Exception(Describe(errors))
{
    public FieldErrors Errors { get; } = errors;

    public static InvalidInputException Of(string field, string message)
    {
        var errors = new FieldErrors();
        errors.Add(field, message);
        return new InvalidInputException(errors);
    }

    private static string Describe(FieldErrors errors) => string.Join("; ", errors.ByField.SelectMany(e => e.Value));
}

/// <summary>The requested object does not exist.</summary>
public sealed class NotFoundException(string message) : Exception(message);

/// <summary>The request conflicts with the current state.</summary>
public sealed class ConflictException(string message) : Exception(message);

/// <summary>The store is unavailable; the outcome of a write is unknown.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
