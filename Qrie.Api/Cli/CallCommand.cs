using System.Text.Encodings.Web;
using System.Text.Json;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Api.Cli;

/// <summary>The arguments of <c>qrie call</c>.</summary>
/// <param name="Call"><c>service:Operation</c>.</param>
/// <param name="Parameters">A JSON object with the API's parameter names; null for none.</param>
/// <param name="AccountId">The account to read; null for that of the ambient credentials.</param>
/// <param name="Region">Null for the default region.</param>
/// <param name="AllPages">Read all pages instead of the first.</param>
internal sealed record CallArguments(string Call, string? Parameters = null, string? AccountId = null, string? Region = null, bool AllPages = false);

/// <summary>
/// <c>qrie call s3:ListBuckets</c>: prints AWS's response as catalogs and policies see it, redacted. For authors of service files.
/// </summary>
/// <param name="accounts">Looks up the role of a registered account; null if the store cannot be opened, in which case the default role is used.</param>
internal sealed class CallCommand(IAwsApi api, ModelCatalog models, PrincipalResolver principals, AwsRegion region, IAccountStore? accounts)
{
    public const int Succeeded = 0;
    public const int RefusedByAws = 1;
    public const int WrongUse = 2;

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the call; the response goes to <paramref name="output"/>, everything else to <paramref name="errors"/>. Returns the exit code.</summary>
    public async Task<int> RunAsync(CallArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            var call = await ReadAsync(arguments, cancel);
            return await CallAsync(call, arguments.AllPages, output, errors, cancel);
        }
        catch (AwsCallException wrong)
        {
            await errors.WriteLineAsync(wrong.Message);
            return WrongUse;
        }
    }

    private async Task<AwsCall> ReadAsync(CallArguments arguments, CancellationToken cancel)
    {
        if (arguments.Call.Split(':') is not [{ Length: > 0 } service, { Length: > 0 } operation])
        {
            throw new AwsCallException($"'{arguments.Call}' is not a call; write service:Operation, as in s3:ListBuckets.");
        }

        if (models.FindService(service) is not { } model)
        {
            throw new AwsCallException($"There is no service '{service}'.{Suggest(service, models.Services)}");
        }

        if (!model.Knows(operation))
        {
            throw new AwsCallException($"{service} has no operation '{operation}'.{Suggest(operation, model.Operations.Select(o => o.Name))}");
        }

        if (arguments.Region is { } asked && !EndpointTable.IsRegionName(asked))
        {
            throw new AwsCallException($"'{asked}' is not a region; write it as in us-east-1.");
        }

        return new AwsCall(
            await PrincipalAsync(arguments.AccountId, cancel), arguments.Region ?? region.Name, service, operation, ReadParameters(arguments.Parameters));
    }

    private static string Suggest(string written, IEnumerable<string> known) => Nearest.To(written, known) is { } near ? $" Did you mean '{near}'?" : "";

    private static JsonElement ReadParameters(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return default;
        }

        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } parameters
                ? parameters
                : throw new AwsCallException("--params must be a JSON object, as in '{\"Bucket\": \"my-bucket\"}'.");
        }
        catch (JsonException e)
        {
            throw new AwsCallException($"--params is not JSON (character {e.BytePositionInLine + 1} of line {e.LineNumber + 1}).");
        }
    }

    /// <summary>Uses the role of a registered account, or the default role for any other.</summary>
    private async Task<AwsPrincipal> PrincipalAsync(string? accountId, CancellationToken cancel)
    {
        if (accountId is null)
        {
            return AwsPrincipal.Ambient;
        }

        if (accountId.Length != 12 || !accountId.All(char.IsAsciiDigit))
        {
            throw new AwsCallException($"'{accountId}' is not an account; it must be 12 digits.");
        }

        var known = accounts is null ? null : await accounts.FindAnywhereAsync(accountId, cancel);
        var account = known is { Status: AccountStatus.Active } ? known : new Account { Organization = Organizations.Default, AccountId = accountId };
        return await principals.ResolveAsync(account, cancel);
    }

    private async Task<int> CallAsync(AwsCall call, bool allPages, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        await foreach (var page in api.PagesAsync(call, models, cancel))
        {
            if (page.Error is { Kind: AwsErrorKind.Invalid, HttpStatus: null } wrong)
            {
                throw new AwsCallException($"{wrong.Message}.");
            }

            if (page.Error is { } error)
            {
                await errors.WriteLineAsync(
                    $"{call}: {error.Code}: {error.Message} ({error.Kind}, HTTP {error.HttpStatus?.ToString() ?? "–"}, request {error.RequestId ?? "–"})");
                return RefusedByAws;
            }

            await output.WriteLineAsync(JsonSerializer.Serialize(page.Content, _json));
            if (!allPages)
            {
                if (Paginator.HasMore(page, call, models))
                {
                    await errors.WriteLineAsync("There are more pages; --all reads them.");
                }

                break;
            }
        }

        return Succeeded;
    }
}
