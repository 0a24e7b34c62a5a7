namespace Qrie.Domain.Catalog.CloudTrail;

/// <summary>
/// Where CloudTrail's names are not the API's (<c>catalog/aws/events.yaml</c>). The rule: the source is the signing name, the event is named as the operation.
/// </summary>
/// <param name="Sources">The event source of an API (by the name of its model) whose signing name is not it.</param>
/// <param name="Names">The events of an operation, <c>s3:PutPublicAccessBlock</c>, that has another name there, or several.</param>
/// <param name="Others">Events that no operation of a model stands behind: what AWS does by itself, older names.</param>
public sealed record CloudTrailNames(
    IReadOnlyDictionary<string, string> Sources, IReadOnlyDictionary<string, IReadOnlyList<EventKey>> Names, IReadOnlyList<EventKey> Others)
{
    /// <summary>No exceptions from the rule.</summary>
    public static CloudTrailNames None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, IReadOnlyList<EventKey>>(), []);

    /// <summary>The event source of an API.</summary>
    /// <param name="api">The name of its model.</param>
    /// <param name="signingName">The name in its signatures; null: not known.</param>
    public string SourceOf(string api, string? signingName) => Sources.GetValueOrDefault(api) ?? EventKey.SourceOf(signingName ?? api);

    /// <summary>The events that tell of an operation.</summary>
    public IReadOnlyList<EventKey> Of(ServiceOperation operation, string? signingName) =>
        Names.GetValueOrDefault(operation.ToString()) ?? [EventKey.Of(SourceOf(operation.Service, signingName), operation.Operation)];
}
