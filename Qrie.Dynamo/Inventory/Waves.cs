namespace Qrie.Dynamo.Inventory;

/// <summary>A batch in which an object may occur twice, as batches in which each occurs once: a transaction names an item once.</summary>
internal static class Waves
{
    public static IEnumerable<List<T>> Of<T, TKey>(IEnumerable<T> all, Func<T, TKey> keyOf)
        where TKey : notnull
    {
        var waves = new List<List<T>>();
        var seen = new Dictionary<TKey, int>();
        foreach (var one in all)
        {
            var key = keyOf(one);
            var wave = seen.GetValueOrDefault(key);
            seen[key] = wave + 1;
            if (wave == waves.Count)
            {
                waves.Add([]);
            }

            waves[wave].Add(one);
        }

        return waves;
    }
}
