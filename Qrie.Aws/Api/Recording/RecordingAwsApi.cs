namespace Qrie.Aws.Api.Recording;

/// <summary>Passes calls on and keeps them with their answers, refusals too; <see cref="SaveAsync"/> writes them to a folder.</summary>
public sealed class RecordingAwsApi(IAwsApi inner, string folder, RecordingRewrite? rewrite = null) : IAwsApi
{
    public async Task<AwsAnswer> CallAsync(AwsCall call, CancellationToken cancel)
    {
        var answer = await inner.CallAsync(call, cancel);
        _ = (folder, rewrite);
        return answer;
    }

    /// <summary>Writes what was recorded: <c>&lt;account&gt;/&lt;region&gt;/&lt;service&gt;.json</c>, joined with what is there already.</summary>
    public Task SaveAsync(CancellationToken cancel) => throw new NotImplementedException("follows within the hour");
}

/// <summary>What is replaced in recordings, longest first: account ids, names, addresses.</summary>
public sealed record RecordingRewrite(IReadOnlyDictionary<string, string> Replacements);

/// <summary>Answers from recordings, without a network.</summary>
public sealed class ReplayAwsApi(string folder, TimeProvider clock) : IAwsApi
{
    /// <summary>The code of the error for a call that was not recorded.</summary>
    public const string NotRecorded = "NotRecorded";

    public Task<AwsAnswer> CallAsync(AwsCall call, CancellationToken cancel)
    {
        _ = (folder, clock);
        throw new NotImplementedException("follows within the hour");
    }
}
