using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>The options of <c>qrie qop</c> and their validation, which reports all errors at once.</summary>
internal sealed class QopOptions
{
    private readonly ServiceOptions _service = new();
    private readonly Option<bool> _generateInventory = new("--generate-inventory")
    {
        Description = "Run an inventory and wait for it: --account-id, --service",
    };
    private readonly Option<string?> _scanAccount = Text(
        "--scan-account", "Run an inventory of an account, then evaluate it: its id here or as --account-id; --service, --scan-type");
    private readonly Option<string?> _addAccount = Text(
        "--add-account", "Register an account: its id; --account-name, --environment, --ou, --role-arn, --external-id, --scan");
    private readonly Option<string?> _removeAccount = Text("--remove-account", "Remove an account: its id. Its data is kept");
    private readonly Option<bool> _list = new("--list") { Description = "List the accounts" };
    private readonly Option<bool> _info = new("--info") { Description = "Show the version and the state of the service" };
    private readonly Option<bool> _testApi = new("--test-api") { Description = "Call every route that clients use; --endpoint calls one, with --params" };
    private readonly Option<string?> _accountId = Text("--account-id", "12 digits");
    private readonly Option<string?> _serviceKey = Text("--service", "As in s3; by default all");
    private readonly Option<string?> _scanType = Text("--scan-type", "bootstrap, which is the default, or anti-entropy");
    private readonly Option<string?> _accountName = Text("--account-name", "Its display name");
    private readonly Option<string?> _environment = Text("--environment", "The value of its tag 'environment'");
    private readonly Option<string?> _ou = Text("--ou", "Its organizational unit, as in /Production/Shop");
    private readonly Option<string?> _roleArn = Text("--role-arn", "The role to assume");
    private readonly Option<string?> _externalId = Text("--external-id", "The external id of that role");
    private readonly Option<bool> _scan = new("--scan") { Description = "Scan it after adding it, and wait for the scan" };
    private readonly Option<string?> _endpoint = Text("--endpoint", "A path, as in /findings");
    private readonly Option<string?> _params = Text("--params", "The query as a JSON object, as in '{\"state\": \"ACTIVE\"}'");
    private readonly Option<bool> _skipConfirm = new("--skip-confirm") { Description = "Do not ask for confirmation" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the requests instead of sending them" };
    private readonly Option<bool> _json = new("--json") { Description = "Print the result as JSON" };
    private readonly Option<string?> _region = Text("--region", "Has no effect: the service knows its regions");
    private readonly Option<string?> _profile = Text("--profile", "Has no effect: the service has its own credentials");

    private readonly Dictionary<Option, QopAction> _actions;
    private readonly Dictionary<Option, QopAction[]> _belongsTo;

    public QopOptions()
    {
        _actions = new()
        {
            [_generateInventory] = QopAction.GenerateInventory,
            [_scanAccount] = QopAction.ScanAccount,
            [_addAccount] = QopAction.AddAccount,
            [_removeAccount] = QopAction.RemoveAccount,
            [_list] = QopAction.List,
            [_info] = QopAction.Info,
            [_testApi] = QopAction.TestApi,
        };
        _belongsTo = new()
        {
            [_accountId] = [QopAction.GenerateInventory, QopAction.ScanAccount, QopAction.AddAccount, QopAction.RemoveAccount],
            [_serviceKey] = [QopAction.GenerateInventory, QopAction.ScanAccount],
            [_scanType] = [QopAction.ScanAccount],
            [_accountName] = [QopAction.AddAccount],
            [_environment] = [QopAction.AddAccount],
            [_ou] = [QopAction.AddAccount],
            [_roleArn] = [QopAction.AddAccount],
            [_externalId] = [QopAction.AddAccount],
            [_scan] = [QopAction.AddAccount],
            [_endpoint] = [QopAction.TestApi],
            [_params] = [QopAction.TestApi],
        };
    }

    public void AddTo(Command command)
    {
        foreach (var option in _actions.Keys.Concat(_belongsTo.Keys).Concat([_skipConfirm, _dryRun, _json, _region, _profile]))
        {
            command.Options.Add(option);
        }

        _service.AddTo(command);
    }

    /// <summary>Options without effect were given, as old scripts do.</summary>
    public bool HasLegacy(CommandResult given) => given.GetResult(_region) is not null || given.GetResult(_profile) is not null;

    /// <summary>The request, as far as it is valid; errors go to <paramref name="errors"/>.</summary>
    public QopRequest Read(CommandResult given, List<string> errors)
    {
        List<Option> named = [.. _actions.Keys.Where(o => IsGiven(given, o))];
        if (named.Count != 1)
        {
            var not = named.Count == 0 ? "" : $", not {string.Join(" and ", named.Select(o => o.Name))}";
            errors.Add($"Name exactly one of {string.Join(", ", _actions.Keys.Select(o => o.Name))}{not}.");
        }

        var action = named.Count == 1 ? _actions[named[0]] : (QopAction?)null;
        foreach (var (option, actions) in _belongsTo.Where(b => action is { } chosen && IsGiven(given, b.Key) && !b.Value.Contains(chosen)))
        {
            errors.Add(
                $"{option.Name} has no meaning with {named[0].Name}; "
                + $"it belongs to {string.Join(", ", _actions.Where(a => actions.Contains(a.Value)).Select(a => a.Key.Name))}. Leave it out.");
        }

        foreach (var option in _belongsTo.Keys.Where(
            o => o is Option<string?> && o != _accountId && IsGiven(given, o) && string.IsNullOrWhiteSpace(given.GetValue((Option<string?>)o))))
        {
            errors.Add($"{option.Name} needs a value: {Lower(option.Description!)}.");
        }

        var (url, key) = _service.Read(given, errors);
        var endpoint = given.GetValue(_endpoint);
        Require(errors, endpoint is null || endpoint.StartsWith('/'), $"--endpoint '{endpoint}' is not a path; write it as in /findings.");
        Require(errors, !IsGiven(given, _params) || IsGiven(given, _endpoint), "--params needs --endpoint.");
        var scanType = given.GetValue(_scanType) ?? "bootstrap";
        Require(errors, scanType is "bootstrap" or "anti-entropy", $"--scan-type '{scanType}' is not valid; write bootstrap or anti-entropy.");
        return new QopRequest(action ?? QopAction.Info, url, key)
        {
            AccountId = ReadAccount(given, named, action, errors),
            Service = given.GetValue(_serviceKey) ?? "all",
            ScanType = scanType,
            AccountName = given.GetValue(_accountName),
            Environment = given.GetValue(_environment),
            Ou = given.GetValue(_ou),
            RoleArn = given.GetValue(_roleArn),
            ExternalId = given.GetValue(_externalId),
            Scan = given.GetValue(_scan),
            SkipConfirm = given.GetValue(_skipConfirm),
            DryRun = given.GetValue(_dryRun),
            Json = given.GetValue(_json),
            Endpoint = endpoint,
            Params = ReadParams(given.GetValue(_params), errors),
        };
    }

    private string? ReadAccount(CommandResult given, List<Option> named, QopAction? action, List<string> errors)
    {
        var positional = named is [Option<string?> option] ? given.GetValue(option) : null;
        var byName = given.GetValue(_accountId);
        var needed = action is QopAction.ScanAccount or QopAction.AddAccount or QopAction.RemoveAccount;
        Require(errors, positional is null || byName is null || positional == byName, $"Two accounts are named: {positional} and {byName}. Leave one out.");
        var account = positional ?? byName;
        if (account is null ? needed || IsGiven(given, _accountId) : account.Length != 12 || !account.All(char.IsAsciiDigit))
        {
            errors.Add(account is null
                ? $"An account must be named: {(needed ? named[0].Name : _accountId.Name)} and its 12 digits."
                : $"'{account}' is not an account; it must be 12 digits.");
        }

        return account;
    }

    private static Dictionary<string, string> ReadParams(string? text, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        try
        {
            if (JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } query)
            {
                return query.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
            }
        }
        catch (JsonException)
        {
            // reported below
        }
        catch (ArgumentException)
        {
            errors.Add("--params names a parameter twice; remove one.");
            return [];
        }

        errors.Add("--params is not a JSON object; write it as in '{\"state\": \"ACTIVE\"}'.");
        return [];
    }

    private static bool IsGiven(CommandResult given, Option option) => given.GetResult(option) is { Implicit: false };

    private static void Require(List<string> errors, bool condition, string error)
    {
        if (!condition)
        {
            errors.Add(error);
        }
    }

    private static string Lower(string description) => char.ToLowerInvariant(description[0]) + description[1..];

    private static Option<string?> Text(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
}
