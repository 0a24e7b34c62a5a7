using System.Globalization;
using System.Text.Json;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;

namespace Qrie.Api.Cli;

/// <summary>Implements <c>qrie keys</c>. Only the new key goes to <paramref name="output"/>, so that it can be piped.</summary>
internal sealed class KeysCommand(ApiKeys keys, IApiKeyStore store, AuditTrail audit, TimeProvider clock, TextWriter output, TextWriter errors)
{
    public const int Succeeded = 0;
    public const int Refused = 1;
    public const int WrongUse = 2;

    private const int RowsAtOnce = 100;

    /// <summary>Users with access to the store's file need no key.</summary>
    private static Actor Actor => new($"cli:{Environment.UserName}", null, null, null, null);

    public Task<int> CreateAsync(string role, string organization, string? name, string? expires, CancellationToken cancel) => GuardAsync(async () =>
    {
        var expiresAt = expires is null ? (DateTimeOffset?)null : clock.GetUtcNow() + Duration(expires);
        var (key, text) = await audit.RecordEachAsync(
            new AuditAct(organization, Actor, AuditActions.CreateKey),
            () => keys.CreateAsync(new NewApiKey(organization, ApiEnumNames.ToRole(role), name, expiresAt, Actor.Id), cancel),
            made => [(made.Key.KeyId, null, Json(made.Key))], cancel);
        await output.WriteLineAsync(text.Reveal());
        await errors.WriteLineAsync(
            $"Created key {key.KeyId}, {role} of {organization}{(key.ExpiresAt is { } at ? $", until {Time(at)}" : "")}. It is shown only once; "
            + "only its hash is stored.");
    });

    public Task<int> ListAsync(string organization, CancellationToken cancel) => GuardAsync(async () =>
    {
        await output.WriteLineAsync(Line("KEY_ID", "ROLE", "STATUS", "CREATED", "EXPIRES", "LAST_USED", "NAME"));
        IReadOnlyList<string>? after = null;
        do
        {
            var page = await store.ListAsync(organization, new PageRequest(RowsAtOnce, after), cancel);
            foreach (var key in page.Items)
            {
                await output.WriteLineAsync(Line(
                    key.KeyId, ApiEnumNames.Of(key.Role), ApiEnumNames.Of(key.StatusAt(clock.GetUtcNow())),
                    Time(key.CreatedAt), Time(key.ExpiresAt), Time(key.LastUsedAt), key.Name ?? "-"));
            }

            after = page.Next;
        }
        while (after is not null);
    });

    public Task<int> RevokeAsync(string keyId, string organization, CancellationToken cancel) => GuardAsync(async () =>
    {
        await audit.RecordAsync(
            new AuditAct(organization, Actor, AuditActions.RevokeKey, keyId), async token => Json(await store.FindAsync(organization, keyId, token)),
            () => keys.RevokeAsync(organization, keyId, cancel), cancel);
        await errors.WriteLineAsync($"Key {keyId} is revoked.");
    });

    private async Task<int> GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            return Succeeded;
        }
        catch (InvalidInputException e)
        {
            await errors.WriteLineAsync(e.Message);
            return WrongUse;
        }
        catch (NotFoundException)
        {
            await errors.WriteLineAsync("There is no such key; qrie keys list shows them. If it belongs to another organization, use --organization.");
            return Refused;
        }
    }

    private static TimeSpan Duration(string text) =>
        text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && text[^1] is 'd' or 'h'
            ? text[^1] == 'd' ? TimeSpan.FromDays(n) : TimeSpan.FromHours(n)
            : throw InvalidInputException.Of("expires", "--expires must be a number of days or hours: 90d, 12h.");

    private static JsonElement? Json(ApiKey? key) => KeyState.Of(key) is { } state ? JsonSerializer.SerializeToElement(state, ApiJson.Options) : null;

    private static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture) ?? "-";

    private static string Line(string id, string role, string status, string created, string expires, string used, string name) =>
        $"{id,-16}  {role,-8}  {status,-7}  {created,-17}  {expires,-17}  {used,-17}  {name}";
}
