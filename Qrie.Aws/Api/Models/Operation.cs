namespace Qrie.Aws.Api.Models;

/// <summary>One operation of a service.</summary>
public sealed class Operation
{
    internal Operation(string name) => Name = name;

    /// <summary>The API's name: <c>ListBuckets</c>.</summary>
    public string Name { get; }

    /// <summary>The parameters; null: it takes none.</summary>
    public Shape? Input { get; internal init; }

    /// <summary>The answer; null: an empty object.</summary>
    public Shape? Output { get; internal init; }

    /// <summary>How its pages follow each other; null: the answer is one page.</summary>
    public Pagination? Pagination { get; internal init; }

    internal string Method { get; init; } = "POST";

    internal string Uri { get; init; } = "/";

    internal string? ResultWrapper { get; init; }

    internal string? InputElement { get; init; }

    internal string? InputNamespace { get; init; }

    internal string? HostPrefix { get; init; }

    internal bool IsUnsigned { get; init; }

    internal bool WantsMd5 { get; init; }

    /// <summary>What tells an answer from something else.</summary>
    internal AnswerRule Answer { get; set; } = new(null, [], [], MayBeEmpty: true);

    public override string ToString() => Name;
}

/// <summary>How the pages of an operation follow each other. Output names may be paths: <c>DistributionList.NextMarker</c>.</summary>
/// <param name="InputTokens">The parameters that take the tokens.</param>
/// <param name="OutputTokens">Where the answer has them, in the same order.</param>
/// <param name="ResultKeys">Where the answer has the items; empty: not known.</param>
/// <param name="LimitKey">The parameter for the page size; null: there is none.</param>
/// <param name="MoreResults">Where the answer says whether there is more; null: a token says so.</param>
/// <param name="IsMade">Made by the model generator from equal token names: botocore has no paginator for it.</param>
public sealed record Pagination(
    IReadOnlyList<string> InputTokens,
    IReadOnlyList<string> OutputTokens,
    IReadOnlyList<string> ResultKeys,
    string? LimitKey,
    string? MoreResults,
    bool IsMade);
