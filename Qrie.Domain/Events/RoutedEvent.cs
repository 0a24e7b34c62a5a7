using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>What a record means for the inventory.</summary>
public enum EventOutcome
{
    /// <summary>Resources are to be collected again.</summary>
    Affects,

    /// <summary>Rules match, but none of them identified a resource of its type.</summary>
    ConcernsNone,

    /// <summary>The catalog says why no type is affected.</summary>
    Irrelevant,

    /// <summary>The catalog does not mention it.</summary>
    Unclaimed,

    /// <summary>A read-only call.</summary>
    ReadOnly,

    /// <summary>AWS refused the call: nothing changed.</summary>
    Failed,

    /// <summary>An Insights or network activity event, not the record of a call.</summary>
    NoCall,

    /// <summary>Not a CloudTrail record.</summary>
    Unreadable,
}

/// <summary>The routing of a record.</summary>
/// <param name="Outcome">Its effect.</param>
/// <param name="Record">Null if it is unreadable.</param>
/// <param name="Resources">Each type and id once, in catalog order; empty unless resources are affected.</param>
/// <param name="Detail">Why nothing is affected: the catalog's reason, the error code, the parse error; empty if the outcome is self-explanatory.</param>
/// <param name="Problems">Rules whose expression failed on this record; the others were applied.</param>
public sealed record RoutedEvent(
    EventOutcome Outcome, CloudTrailRecord? Record, IReadOnlyList<AffectedResource> Resources, string Detail, IReadOnlyList<string> Problems);

/// <summary>A resource to collect again, or all stored ones of a type.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Id">Its id or ARN; null for every stored one of the type in the account and <paramref name="ListedIn"/>.</param>
/// <param name="ListedIn">The region of the unit that reads it; <c>global</c> for account-wide types.</param>
/// <param name="Gone">Expected to be deleted. AWS is called in any case.</param>
/// <param name="Also">Types to collect with it: expressions over <c>$stored</c> and <c>$self</c> that return their ids; null for none.</param>
public sealed record AffectedResource(
    ResourceTypeDefinition Type, string? Id, string ListedIn, bool Gone, IReadOnlyList<KeyValuePair<string, JmesPathExpression>> Also);
