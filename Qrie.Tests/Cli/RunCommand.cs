using System.CommandLine;
using Qrie.Api.Cli;
using Qrie.Tests.Api;

namespace Qrie.Tests.Cli;

/// <summary>Runs a command of the executable in this process.</summary>
internal static class RunCommand
{
    /// <param name="commandLine">Arguments without spaces in them.</param>
    public static Task<CommandRun> AsTypedAsync(string commandLine, string input = "", bool isTerminal = false, CancellationToken cancel = default) =>
        RunAsync(console => CommandLine.RunAsync(commandLine.Split(' '), console, cancel), input, isTerminal);

    /// <summary><c>qrie qop</c> against a service.</summary>
    public static Task<CommandRun> QopAsync(
        RunningQrie qrie, string commandLine, string input = "", bool isTerminal = false, CancellationToken cancel = default) =>
        AsTypedAsync($"qop --url {qrie.Http.BaseAddress} {commandLine}", input, isTerminal, cancel);

    /// <summary>Runs a given command.</summary>
    public static Task<CommandRun> OfAsync(
        Func<CliConsole, Command> build, string[] args, TimeProvider? clock = null, bool isTerminal = false, CancellationToken cancel = default) => RunAsync(
        console =>
        {
            var command = build(console);
            return new RootCommand { command }.Parse([command.Name, .. args]).InvokeAsync(null, cancel);
        },
        "", isTerminal, clock);

    private static async Task<CommandRun> RunAsync(Func<CliConsole, Task<int>> run, string input, bool isTerminal, TimeProvider? clock = null)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await run(new CliConsole(
            TextWriter.Synchronized(output), TextWriter.Synchronized(errors), new StringReader(input), isTerminal, clock ?? TimeProvider.System));
        return new CommandRun(code, output.ToString(), errors.ToString());
    }
}

/// <summary>The result of a command.</summary>
internal sealed record CommandRun(int Code, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"exit code {Code}\n{Output}\n{Errors}";
}
