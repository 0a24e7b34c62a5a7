namespace Qrie.Dynamo.Client;

/// <summary>
/// Limits the share of retries of a process: each costs tokens that successful requests return, so that retries do not multiply the load of an overloaded
/// store. Thread-safe.
/// </summary>
internal sealed class RetryBudget
{
    private const int Capacity = 500;
    private const int Cost = 5;

    private readonly Lock _lock = new();
    private int _tokens = Capacity;

    public bool TryTake()
    {
        lock (_lock)
        {
            if (_tokens < Cost)
            {
                return false;
            }

            _tokens -= Cost;
            return true;
        }
    }

    public void Succeeded()
    {
        lock (_lock)
        {
            _tokens = Math.Min(Capacity, _tokens + 1);
        }
    }
}
