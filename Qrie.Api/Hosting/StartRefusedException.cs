namespace Qrie.Api.Hosting;

/// <summary>The process must not start with this configuration; the message contains the remedy.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);
