using Qrie.Ui.Api;

namespace Qrie.Ui.Shared;

/// <summary>
/// The accounts and services that lists can be filtered by. Almost every page needs them and they change rarely: a viewer's pages share one answer for a while.
/// Whatever the viewer does here makes them be read again.
/// </summary>
public sealed class FilterChoices(IQrieApi api, TimeProvider clock)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(30);

    private IReadOnlyList<Account>? _accounts;
    private IReadOnlyList<Service>? _services;
    private DateTimeOffset _accountsAt;
    private DateTimeOffset _servicesAt;

    /// <summary>The registered ones, by id.</summary>
    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public async Task<IReadOnlyList<Account>> AccountsAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (_accounts is { } known && now - _accountsAt < s_kept)
        {
            return known;
        }

        var read = await api.GetAsync<List<Account>>("/accounts", cancel);
        (_accounts, _accountsAt) = (read, now);
        return read;
    }

    /// <summary>Those of the catalog.</summary>
    /// <exception cref="ApiException">It was refused, or failed.</exception>
    public async Task<IReadOnlyList<Service>> ServicesAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (_services is { } known && now - _servicesAt < s_kept)
        {
            return known;
        }

        var read = await api.GetAsync<List<Service>>("/services", cancel);
        (_services, _servicesAt) = (read, now);
        return read;
    }

    /// <summary>They may have been changed.</summary>
    public void Forget() => (_accounts, _services) = (null, null);
}
