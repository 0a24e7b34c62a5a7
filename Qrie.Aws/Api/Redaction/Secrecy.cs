using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Redaction;

/// <summary>Whether the current position in a response is secret, and the rules for what is below it.</summary>
internal readonly struct Secrecy
{
    private readonly bool _isOff;
    private readonly RedactionNode? _rule;

    private Secrecy(bool isOff, bool isSecret, RedactionNode? rule)
    {
        _isOff = isOff;
        _rule = rule;
        IsSecret = isSecret;
    }

    /// <summary>Nothing is secret; for the engine's own calls.</summary>
    public static Secrecy Off => new(isOff: true, isSecret: false, rule: null);

    public bool IsSecret { get; }

    public static Secrecy Start(RedactionNode? rules) => new(isOff: false, isSecret: false, rules);

    public Secrecy Enter(ShapeMember member) => Enter(member.Shape, _rule?.Find(member.Name), member.IsSecret);

    /// <summary>Moves into the value of a map.</summary>
    public Secrecy Enter(Shape value, string key) => Enter(value, _rule?.Find(key));

    /// <summary>Moves into the items of a list.</summary>
    public Secrecy Enter(Shape item) => Enter(item, _rule);

    private Secrecy Enter(Shape shape, RedactionNode? rule, bool isNamed = false)
    {
        if (_isOff)
        {
            return this;
        }

        var isSecret = IsSecret || isNamed || shape.IsSensitive || rule is { IsSecret: true };
        return new Secrecy(isOff: false, isSecret && rule is not { IsPlain: true }, rule);
    }
}
