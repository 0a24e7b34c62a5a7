using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>What a record means for the inventory.</summary>
public enum EventOutcome
{
    /// <summary>Resources are to be collected again.</summary>
    Affects,

    /// <summary>Rules fit, but none of them found that this one is about a resource of its type.</summary>
    ConcernsNone,

    /// <summary>The catalog says why no type is concerned.</summary>
    Irrelevant,

    /// <summary>The catalog says nothing about it.</summary>
    Unclaimed,

    /// <summary>A read.</summary>
    ReadOnly,

    /// <summary>AWS refused the call: nothing changed.</summary>
    Failed,

    /// <summary>A statistic or a refusal at an endpoint, not the record of a call.</summary>
    NoCall,

    /// <summary>Not a CloudTrail record.</summary>
    Unreadable,
}

/// <summary>Where a record leads.</summary>
/// <param name="Outcome">What it means.</param>
/// <param name="Record">Null: it is unreadable.</param>
/// <param name="Resources">Each type and id once, in the order of the catalog; empty unless it affects some.</param>
/// <param name="Detail">Why nothing is affected: the catalog's reason, the error code, what is unreadable; empty where the outcome says it all.</param>
/// <param name="Problems">Rules whose expression failed on this record, in words; the others were followed.</param>
public sealed record RoutedEvent(
    EventOutcome Outcome, CloudTrailRecord? Record, IReadOnlyList<AffectedResource> Resources, string Detail, IReadOnlyList<string> Problems);

/// <summary>A resource to collect again, or all stored ones of a type.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Id">Its id or ARN; null: every stored one of the type in the account and <paramref name="ListedIn"/>.</param>
/// <param name="ListedIn">The region of the unit that reads it; <c>global</c> for types of a whole account.</param>
/// <param name="Gone">Expected not to exist any more. AWS is asked in any case.</param>
/// <param name="Also">Types to collect with it: expressions over <c>$stored</c> and <c>$self</c> that give their ids; null is none.</param>
public sealed record AffectedResource(
    ResourceTypeDefinition Type, string? Id, string ListedIn, bool Gone, IReadOnlyList<KeyValuePair<string, JmesPathExpression>> Also);
