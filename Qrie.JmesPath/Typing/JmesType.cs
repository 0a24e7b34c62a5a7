namespace Qrie.JmesPath.Typing;

/// <summary>The shape of a value, as far as it is known without the value.</summary>
public abstract record JmesType
{
    private protected JmesType()
    {
    }
}
