using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Accounts;

/// <summary>Registers accounts and maintains their settings.</summary>
public sealed class AccountRegistry(IAccountStore accounts, ICatalog catalog, TimeProvider clock)
{
    /// <summary>
    /// Registers an account. A removed or pending one becomes active with its data; settings that are not given keep their previous values.
    /// </summary>
    /// <exception cref="InvalidInputException">The input is invalid.</exception>
    /// <exception cref="ConflictException">It is already registered.</exception>
    public async Task<Account> AddAsync(NewAccount input, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        input.Settings.Check(input.AccountId, catalog.Current, errors);
        errors.ThrowIfAny();
        var change = Registration(input.Organization, input.AccountId!, input.Settings, known => known.Status == AccountStatus.Active);
        var result = (await accounts.ChangeAsync(input.Organization, [change], allOrNothing: true, cancel))[0];
        return result.Outcome is AccountChangeOutcome.Unchanged
            ? throw new ConflictException($"Account {input.AccountId} is already registered.")
            : Done(result, input.AccountId!).After!;
    }

    /// <summary>Registers the account of the ambient credentials unless it is known. Returns true if it was added.</summary>
    public async Task<bool> EnsureAsync(string organization, string accountId, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var account = new Account { Organization = organization, AccountId = accountId, CreatedAt = now, UpdatedAt = now };
        return await accounts.FindAsync(organization, accountId, cancel) is null
            && await accounts.AddAsync(account, cancel) == AddAccountOutcome.Added;
    }

    /// <summary>Changes the settings of an account that is not removed.</summary>
    /// <param name="change">From the current to the new settings.</param>
    /// <exception cref="InvalidInputException">The input is invalid.</exception>
    /// <exception cref="NotFoundException">It is not registered.</exception>
    /// <exception cref="ConflictException">It is removed.</exception>
    public async Task<AccountChangeResult> ChangeAsync(
        string organization, string accountId, Func<AccountSettings, AccountSettings> change, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var made = new AccountChange(accountId, stored =>
        {
            if (stored is null or { Status: AccountStatus.Removed })
            {
                return null;
            }

            var settings = change(AccountSettings.Of(stored));
            var errors = new FieldErrors();
            settings.Check(accountId, catalog.Current, errors);
            errors.ThrowIfAny();
            var after = settings.ApplyTo(stored) with { UpdatedAt = now };
            return AccountSettings.Same(stored, after) ? null : after;
        });
        var result = (await accounts.ChangeAsync(organization, [made], allOrNothing: true, cancel))[0];
        return result.Before switch
        {
            null => throw NotRegistered(accountId),
            { Status: AccountStatus.Removed } =>
                throw new ConflictException($"Account {accountId} is removed; register it again with POST /accounts, which may name new settings."),
            _ => Done(result, accountId),
        };
    }

    /// <summary>Registers an account or changes an existing one.</summary>
    /// <param name="leaves">Whether to leave a known account unchanged.</param>
    internal AccountChange Registration(string organization, string accountId, AccountSettings settings, Func<Account, bool>? leaves = null)
    {
        var now = clock.GetUtcNow();
        return new AccountChange(accountId, stored =>
        {
            if (stored is not null && leaves?.Invoke(stored) is true)
            {
                return null;
            }

            var before = stored ?? new Account { Organization = organization, AccountId = accountId, CreatedAt = now };
            var after = settings.Over(AccountSettings.Of(before)).ApplyTo(before) with
            {
                Status = AccountStatus.Active,
                UpdatedAt = now,
                RemovedAt = null,
                RemovedBecause = null,
            };
            return stored is { Status: AccountStatus.Active } && AccountSettings.Same(stored, after) ? null : after;
        });
    }

    internal static NotFoundException NotRegistered(string accountId) => new($"Account {accountId} is not registered; register it with POST /accounts.");

    /// <summary>Why a change was refused; null if it was not.</summary>
    internal static string? WhyRefused(AccountChangeOutcome outcome, string accountId) => outcome switch
    {
        AccountChangeOutcome.ActiveElsewhere => $"Account {accountId} is active in another organization; remove it there first.",
        AccountChangeOutcome.BeingPurged => $"Account {accountId} is being purged; register it again when GET /accounts/{accountId} returns 404.",
        _ => null,
    };

    private static AccountChangeResult Done(AccountChangeResult result, string accountId) =>
        WhyRefused(result.Outcome, accountId) is { } reason ? throw new ConflictException(reason) : result;
}

/// <summary>The input for a new account; null if not given.</summary>
public sealed record NewAccount(
    string Organization, string? AccountId, string? Name, string? Ou, string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions)
{
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public IReadOnlyList<string>? Services { get; init; }

    internal AccountSettings Settings => new()
    {
        Name = Name,
        Ou = Ou,
        Tags = Tags,
        RoleArn = RoleArn,
        ExternalId = ExternalId,
        Regions = Regions,
        Services = Services,
    };
}
