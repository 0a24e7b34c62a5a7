using System.Diagnostics;

namespace Qrie.Benchmarks;

/// <summary>
/// The largest resident memory of this process during its lifetime, sampled ten times a second: the kernel's own peak would include earlier work.
/// </summary>
internal sealed class PeakMemory : IDisposable
{
    private readonly Timer _timer;
    private long _peak;

    public PeakMemory() => _timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));

    public double Megabytes
    {
        get
        {
            Look();
            return Interlocked.Read(ref _peak) / 1e6;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        using var process = Process.GetCurrentProcess();
        InterlockedMax(process.WorkingSet64);
    }

    private void InterlockedMax(long value)
    {
        for (var seen = Interlocked.Read(ref _peak); seen < value; seen = Interlocked.Read(ref _peak))
        {
            Interlocked.CompareExchange(ref _peak, value, seen);
        }
    }
}
