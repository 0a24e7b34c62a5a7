namespace Qrie.Dynamo.Client;

/// <summary>A condition of a write was not met.</summary>
/// <param name="at">The positions of the items concerned.</param>
/// <param name="mayBeOwn">
/// An earlier attempt had no answer: the condition may have failed because that one succeeded.
/// </param>
internal sealed class WriteRefusedException(IReadOnlyList<int> at, bool mayBeOwn, Exception inner) : Exception("A condition was not met.", inner)
{
    public IReadOnlyList<int> At => at;

    public bool MayBeOwn => mayBeOwn;
}
