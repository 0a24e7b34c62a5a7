namespace Qrie.Api.Hosting;

/// <summary>The process must not start like this; the message says how it may.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);
