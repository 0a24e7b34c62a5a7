namespace Qrie.Aws.Api.Limits;

/// <summary>A token bucket.</summary>
/// <param name="Burst">Calls that may be sent at once after a pause.</param>
/// <param name="PerSecond">Calls per second after that.</param>
internal readonly record struct RequestRate(double Burst, double PerSecond);
