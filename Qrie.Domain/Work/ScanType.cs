namespace Qrie.Domain.Work;

public enum ScanType
{
    /// <summary>Sets a baseline: manual, onboarding or launch.</summary>
    Bootstrap,

    /// <summary>Scheduled; also records drift.</summary>
    AntiEntropy,
}
