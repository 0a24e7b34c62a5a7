namespace Qrie.Api.Cli;

/// <summary>
/// The streams of a command. Results go to <see cref="Output"/>, everything else (details, questions, progress, errors) to <see cref="Errors"/>.
/// </summary>
/// <param name="IsTerminal">Progress may be redrawn in place on <see cref="Errors"/>.</param>
/// <param name="OutputIsTerminal">Tables may be drawn on <see cref="Output"/>.</param>
internal sealed record CliConsole(TextWriter Output, TextWriter Errors, TextReader Input, bool IsTerminal, TimeProvider Clock, bool OutputIsTerminal = false)
{
    /// <summary>The console of the process.</summary>
    public static CliConsole OfProcess() => new(
        Console.Out, Console.Error, Console.In, !Console.IsErrorRedirected, TimeProvider.System, !Console.IsOutputRedirected);
}

/// <summary>The exit codes of commands that use a running service.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The service refused, a scan failed, a check failed, or the user cancelled.</summary>
    public const int Failed = 1;

    public const int WrongUse = 2;

    /// <summary>No Qrie responds.</summary>
    public const int Unreachable = 3;
}
