using System.CommandLine;
using System.CommandLine.Parsing;
using Qrie.Api.Cli;

namespace Qrie.Tests.Cli;

/// <summary>Values that System.CommandLine reads as something else unless told otherwise.</summary>
public sealed class OptionValueTests
{
    private static readonly RootCommand _root = CommandLine.Build(CliConsole.OfProcess());

    public static TheoryData<string, string> TextOptions =>
        [.. Commands([_root]).SelectMany(path => path[^1].Options.Where(IsText).Select(o => (string.Join(' ', path.Skip(1).Select(p => p.Name)), o.Name)))];

    [Theory]
    [MemberData(nameof(TextOptions))]
    public void A_value_is_taken_as_it_is_written(string command, string option)
    {
        Value(command, $"{option}", "@ops").ShouldBe("@ops");
        Value(command, $"{option}=@ops").ShouldBe("@ops");
        Value(command, $"{option}=-ops").ShouldBe("-ops");
        Value(command, $"{option}=--ops=1").ShouldBe("--ops=1");

        string? Value(string path, params string[] written)
        {
            var parsed = CommandLine.Parse(_root, [.. path.Split(' '), .. written]);
            return parsed.CommandResult.Children.OfType<OptionResult>().First(o => o.Option.Name == option)
                .Tokens.ShouldHaveSingleItem().Value;
        }
    }

    /// <summary>Without the options of old scripts, which have no effect whatever their value.</summary>
    public static TheoryData<string, string> OptionsWithEffect =>
        [.. TextOptions.Select(row => row.Data).Where(o => o is not ("qop", "--region" or "--profile"))];

    [Theory]
    [MemberData(nameof(OptionsWithEffect))]
    public async Task An_empty_value_is_refused(string command, string option)
    {
        var errors = new StringWriter();
        var code = await CommandLine.RunAsync(
            [.. command.Split(' '), $"{option}="],
            new CliConsole(new StringWriter(), errors, TextReader.Null, false, TimeProvider.System));

        code.ShouldBe(2);
        errors.ToString().ShouldContain(option);
    }

    private static bool IsText(Option option) => option is { Arity.MaximumNumberOfValues: > 0, Hidden: false } && option.ValueType != typeof(bool);

    private static IEnumerable<Command[]> Commands(Command[] path) => path[^1].Subcommands.SelectMany(c => Commands([.. path, c])).Append(path);
}
