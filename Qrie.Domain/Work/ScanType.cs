namespace Qrie.Domain.Work;

public enum ScanType
{
    /// <summary>Sets a baseline: manual, onboarding, launch.</summary>
    Bootstrap,

    /// <summary>Scheduled; also writes the drift metrics.</summary>
    AntiEntropy,
}
