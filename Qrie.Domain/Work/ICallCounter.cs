namespace Qrie.Domain.Work;

/// <summary>Counts what a stretch of work calls at AWS.</summary>
public interface ICallCounter
{
    /// <summary>Counts what the current flow of execution, and tasks started in it, call until the result is disposed.</summary>
    ICountedCalls Begin();
}

/// <summary>The calls of a stretch of work so far.</summary>
public interface ICountedCalls : IDisposable
{
    IReadOnlyList<CountedCalls> Snapshot();
}

/// <summary>The calls of one operation.</summary>
/// <param name="Operation">With its service, <c>s3:GetBucketPolicy</c>.</param>
/// <param name="Calls">Calls that ended, well or not.</param>
/// <param name="Errors">Of these, the ones that ended with an error; most say that something is not configured.</param>
/// <param name="Throttles">Attempts that AWS throttled.</param>
/// <param name="Retries">Attempts beyond the first of each call.</param>
/// <param name="Bytes">Size of the answers.</param>
/// <param name="DurationMs">Time from request to answer, over all attempts.</param>
public sealed record CountedCalls(string Operation, long Calls, long Errors, long Throttles, long Retries, long Bytes, long DurationMs)
{
    /// <summary>Of the errors, the ones by which AWS said that the role may not.</summary>
    public long Denied { get; init; }
}
