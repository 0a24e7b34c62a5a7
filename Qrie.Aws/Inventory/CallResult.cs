using Qrie.Aws.Api;
using Qrie.Aws.Api.Protocol;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The merged pages of a call, or an error.</summary>
/// <param name="Content">The response; null after an error.</param>
/// <param name="Error">Null after success.</param>
/// <param name="SentAt">When the oldest page was requested.</param>
internal sealed record CallResult(JmesValue Content, AwsError? Error, DateTimeOffset SentAt);

/// <summary>Why a value is missing or incomplete.</summary>
/// <param name="Code">AWS's error code or one of Qrie's.</param>
/// <param name="Message">A readable message.</param>
/// <param name="Kind">The class of AWS's error; null for an error of the catalog.</param>
/// <param name="At">When the failed call was sent; null if there was none.</param>
internal sealed record CollectionError(string Code, string Message, AwsErrorKind? Kind = null, DateTimeOffset? At = null)
{
    /// <summary>More rows than the catalog allows.</summary>
    public const string Truncated = "Truncated";

    /// <summary>A polled condition was not met within a minute.</summary>
    public const string NotReady = "NotReady";

    /// <summary>An expression failed on a response.</summary>
    public const string EvaluationError = "EVALUATION_ERROR";

    /// <summary>The configuration exceeds 1 MB.</summary>
    public const string TooLarge = "TooLarge";

    /// <summary>A success without what the operation always sends.</summary>
    public static CollectionError Unreadable(ServiceOperation call, DateTimeOffset? at) => new(
        InvalidResponseException.Code,
        $"The response to {call} lacks the requested structure, which does not prove that the resource is absent.",
        AwsErrorKind.Unavailable,
        at);

    public bool SaysGone => Kind is AwsErrorKind.NotFound;

    public static CollectionError Of(AwsError error, DateTimeOffset at) => new(error.Code, error.Message, error.Kind, at);
}
