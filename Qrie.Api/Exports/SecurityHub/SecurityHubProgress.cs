using System.Text.Json;

namespace Qrie.Api.Exports.SecurityHub;

/// <summary>Since when resolved findings are still to be sent. While one account refuses, only its own are sent again.</summary>
/// <param name="At">For all accounts and regions but those that are behind.</param>
/// <param name="Behind">By account and region, <c>123456789012/eu-west-1</c>: an earlier time.</param>
internal sealed record SecurityHubProgress(DateTimeOffset At, IReadOnlyDictionary<string, DateTimeOffset> Behind)
{
    private static readonly SecurityHubProgress s_nothing = new(DateTimeOffset.MinValue, new Dictionary<string, DateTimeOffset>());

    /// <param name="stored">Null: nothing was sent yet.</param>
    public static SecurityHubProgress Parse(string? stored)
    {
        try
        {
            return stored is null ? s_nothing : JsonSerializer.Deserialize<SecurityHubProgress>(stored) ?? s_nothing;
        }
        catch (JsonException)
        {
            return s_nothing; // everything is sent again
        }
    }

    public DateTimeOffset Of((string AccountId, string Region) place) => Behind.GetValueOrDefault(Key(place), At);

    /// <param name="now">When this round began.</param>
    /// <param name="behind">The accounts and regions that did not accept everything in it.</param>
    public SecurityHubProgress Next(DateTimeOffset now, IReadOnlySet<(string AccountId, string Region)> behind) =>
        new(now, behind.ToDictionary(Key, Of));

    public override string ToString() => JsonSerializer.Serialize(this);

    private static string Key((string AccountId, string Region) place) => $"{place.AccountId}/{place.Region}";
}
