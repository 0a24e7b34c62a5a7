namespace Qrie.Aws.Api.Models;

/// <summary>One operation of a service.</summary>
public sealed class Operation
{
    internal Operation(string name) => Name = name;

    /// <summary>The API's name: <c>ListBuckets</c>.</summary>
    public string Name { get; }

    /// <summary>The parameters; null for none.</summary>
    public Shape? Input { get; internal init; }

    /// <summary>The response; null for an empty object.</summary>
    public Shape? Output { get; internal init; }

    /// <summary>How it is paged; null for a single page.</summary>
    public Pagination? Pagination { get; internal init; }

    internal string Method { get; init; } = "POST";

    internal string Uri { get; init; } = "/";

    internal string? ResultWrapper { get; init; }

    internal string? InputElement { get; init; }

    internal string? InputNamespace { get; init; }

    internal string? HostPrefix { get; init; }

    internal bool IsUnsigned { get; init; }

    internal bool WantsMd5 { get; init; }

    /// <summary>What distinguishes a response from something else.</summary>
    internal ResponseRule Response { get; set; } = new(null, [], [], MayBeEmpty: true);

    public override string ToString() => Name;
}

/// <summary>How an operation is paged. Output names may be paths: <c>DistributionList.NextMarker</c>.</summary>
/// <param name="InputTokens">The parameters that take the tokens.</param>
/// <param name="OutputTokens">Where the response has them, in the same order.</param>
/// <param name="ResultKeys">Where the response has the items; empty if unknown.</param>
/// <param name="LimitKey">The parameter for the page size; null for none.</param>
/// <param name="MoreResults">Where the response says whether there is more; null if a token says so.</param>
/// <param name="IsMade">Derived by the model generator from equal token names, because botocore has no paginator for it.</param>
public sealed record Pagination(
    IReadOnlyList<string> InputTokens,
    IReadOnlyList<string> OutputTokens,
    IReadOnlyList<string> ResultKeys,
    string? LimitKey,
    string? MoreResults,
    bool IsMade);
