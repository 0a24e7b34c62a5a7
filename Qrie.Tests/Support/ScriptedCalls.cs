using Qrie.Domain.Work;

namespace Qrie.Tests.Support;

/// <summary>Counts calls as scripted by a test.</summary>
public sealed class ScriptedCalls : ICallCounter
{
    public IReadOnlyList<CountedCalls> Made { get; set; } = [];

    public ICountedCalls Begin() => new Counted(this);

    private sealed class Counted(ScriptedCalls calls) : ICountedCalls
    {
        public IReadOnlyList<CountedCalls> Snapshot() => calls.Made;

        public void Dispose()
        {
        }
    }
}
