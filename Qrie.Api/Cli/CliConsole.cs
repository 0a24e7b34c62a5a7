namespace Qrie.Api.Cli;

/// <summary>
/// What a command writes to and reads from. Results go to <see cref="Output"/>, everything else (details, questions, progress, errors) to <see cref="Errors"/>.
/// </summary>
/// <param name="IsTerminal">Somebody watches: progress may be drawn over itself.</param>
internal sealed record CliConsole(TextWriter Output, TextWriter Errors, TextReader Input, bool IsTerminal, TimeProvider Clock)
{
    /// <summary>That of the process.</summary>
    public static CliConsole OfProcess() => new(Console.Out, Console.Error, Console.In, !Console.IsErrorRedirected, TimeProvider.System);
}

/// <summary>The exit codes of the commands about a service.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The service said no, a scan failed, something is wrong, or the user stopped it.</summary>
    public const int Failed = 1;

    public const int WrongUse = 2;

    /// <summary>No Qrie answers.</summary>
    public const int Unreachable = 3;
}
