namespace Qrie.Domain.Catalog.CloudTrail;

/// <summary>
/// Where CloudTrail's names differ from the API's (<c>catalog/aws/events.yaml</c>). By default the source is the signing name and the event is named after the
/// operation.
/// </summary>
/// <param name="Sources">The event sources of APIs (by model name) that differ from the signing name.</param>
/// <param name="Names">The events of an operation, such as <c>s3:PutPublicAccessBlock</c>, that are named differently, or of which there are several.</param>
/// <param name="Others">Events without an operation in any model: actions that AWS takes itself, and former names.</param>
public sealed record CloudTrailNames(
    IReadOnlyDictionary<string, string> Sources, IReadOnlyDictionary<string, IReadOnlyList<EventKey>> Names, IReadOnlyList<EventKey> Others)
{
    /// <summary>No exceptions to the default.</summary>
    public static CloudTrailNames None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, IReadOnlyList<EventKey>>(), []);

    /// <summary>The event source of an API.</summary>
    /// <param name="api">The name of its model.</param>
    /// <param name="signingName">The name in its signatures; null: not known.</param>
    public string SourceOf(string api, string? signingName) => Sources.GetValueOrDefault(api) ?? EventKey.SourceOf(signingName ?? api);

    /// <summary>The events that record an operation.</summary>
    public IReadOnlyList<EventKey> Of(ServiceOperation operation, string? signingName) =>
        Names.GetValueOrDefault(operation.ToString()) ?? [EventKey.Of(SourceOf(operation.Service, signingName), operation.Operation)];
}
