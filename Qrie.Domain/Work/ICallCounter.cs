namespace Qrie.Domain.Work;

/// <summary>Counts AWS calls of a unit of work.</summary>
public interface ICallCounter
{
    /// <summary>Counts the calls of the current execution flow, and of tasks started in it, until the result is disposed.</summary>
    ICountedCalls Begin();
}

/// <summary>The calls so far.</summary>
public interface ICountedCalls : IDisposable
{
    IReadOnlyList<CountedCalls> Snapshot();
}

/// <summary>The calls of one operation.</summary>
/// <param name="Operation">With its service, such as <c>s3:GetBucketPolicy</c>.</param>
/// <param name="Calls">Completed calls, successful or not.</param>
/// <param name="Errors">Calls that ended with an error; most errors say that something is not configured.</param>
/// <param name="Throttles">Attempts that AWS throttled.</param>
/// <param name="Retries">Attempts beyond the first of each call.</param>
/// <param name="Bytes">The size of the responses.</param>
/// <param name="DurationMs">Time from request to response, including all attempts.</param>
public sealed record CountedCalls(string Operation, long Calls, long Errors, long Throttles, long Retries, long Bytes, long DurationMs)
{
    /// <summary>Errors that say that the role lacks a permission.</summary>
    public long Denied { get; init; }
}
