using System.Globalization;

namespace Qrie.Api.Cli;

/// <summary>Progress: a bar on a terminal, occasional lines otherwise.</summary>
internal sealed class ProgressLine(CliConsole console)
{
    private const int Width = 24;

    /// <summary>The interval between lines without a terminal.</summary>
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(5);

    private long _began = console.Clock.GetTimestamp();
    private long? _written;
    private string _last = "";

    /// <param name="done">Out of <paramref name="total"/>; a total of 0 is not known yet.</param>
    public async Task ShowAsync(int done, int total, string text)
    {
        var share = total == 0 ? 0 : Math.Clamp((double)done / total, 0, 1);
        if (console.IsTerminal)
        {
            var filled = (int)(share * Width);
            var elapsed = console.Clock.GetElapsedTime(_began);
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"[{new string('#', filled)}{new string('-', Width - filled)}] {share * 100,3:0} %  {text}  {(int)elapsed.TotalMinutes}:{elapsed.Seconds:00}");
            await console.Errors.WriteAsync($"\r{line.PadRight(_last.Length)}");
            _last = line;
        }
        else if (text != _last && (_written is not { } at || console.Clock.GetElapsedTime(at) >= _quiet))
        {
            await console.Errors.WriteLineAsync(total == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} % {text}"));
            (_last, _written) = (text, console.Clock.GetTimestamp());
        }
    }

    /// <summary>Removes the bar; the next one is drawn from scratch.</summary>
    public async Task ClearAsync()
    {
        if (console.IsTerminal && _last.Length > 0)
        {
            await console.Errors.WriteAsync($"\r{new string(' ', _last.Length)}\r");
        }

        (_last, _written, _began) = ("", null, console.Clock.GetTimestamp());
    }
}
