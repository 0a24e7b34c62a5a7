using System.CommandLine;
using System.CommandLine.Parsing;

namespace Qrie.Api.Cli.Service;

/// <summary>The address and the key: the same options for every command that uses a running service.</summary>
internal sealed class ServiceOptions
{
    private const string DefaultUrl = "http://localhost:5080";

    public Option<string?> Url { get; } = new("--url") { Description = $"The address of Qrie; by default {DefaultUrl}", Arity = ArgumentArity.ZeroOrOne };

    public Option<string?> ApiKey { get; } = new("--api-key")
    {
        Description = "An API key; by default that of QRIE_API_KEY, which other users of this machine cannot see",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(ApiKey);
    }

    /// <summary>The address and the key; errors go to <paramref name="errors"/>.</summary>
    public (Uri Url, string? ApiKey) Read(CommandResult given, List<string> errors)
    {
        var written = given.GetResult(Url) is null ? DefaultUrl : given.GetValue(Url);
        if (!Uri.TryCreate(written, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            errors.Add($"--url '{written}' is not the address of a service; write it as in {DefaultUrl}.");
            url = new Uri(DefaultUrl);
        }

        var named = given.GetResult(ApiKey) is not null;
        var key = named ? given.GetValue(ApiKey) : Environment.GetEnvironmentVariable("QRIE_API_KEY") is { Length: > 0 } set ? set : null;
        if ((named && string.IsNullOrEmpty(key)) || key?.Any(c => c is <= ' ' or > '~') is true)
        {
            errors.Add($"{(named ? "--api-key" : "QRIE_API_KEY")} is not an API key; it begins with qrie_ and has no spaces.");
            key = null;
        }

        return (url, key);
    }
}
