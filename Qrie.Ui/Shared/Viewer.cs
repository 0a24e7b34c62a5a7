using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace Qrie.Ui.Shared;

/// <summary>Who looks, with which rights, and how their browser is set.</summary>
public sealed class Viewer(AuthenticationStateProvider authentication, IJSRuntime script, TimeProvider clock)
{
    private ClaimsPrincipal _user = new(new ClaimsIdentity());

    public string Organization => _user.FindFirstValue("organization") ?? "";

    /// <summary>reader, auditor, operator or admin.</summary>
    public string Role => (_user.FindFirstValue(ClaimTypes.Role) ?? "").ToLowerInvariant();

    /// <summary>Null: without a key.</summary>
    public string? KeyId => _user.FindFirstValue(ClaimTypes.NameIdentifier);

    /// <summary>Null: without a key, or it has no name.</summary>
    public string? KeyName => _user.FindFirstValue(ClaimTypes.Name);

    /// <summary>Whether they may attest requirements.</summary>
    public bool MayAttest => Role == "auditor" || MayOperate;

    /// <summary>Whether they may scan and launch.</summary>
    public bool MayOperate => Role is "operator" or "admin";

    /// <summary>Whether they may manage accounts and keys.</summary>
    public bool MayAdminister => Role == "admin";

    public bool Dark { get; private set; }

    /// <summary>Of the browser.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>Parts of the page that are being read for the first time, or for another address; refreshing is not among it.</summary>
    public int Loading { get; private set; }

    /// <summary>Raised when <see cref="Loading"/> becomes zero, or no longer is.</summary>
    public event Action? LoadingChanged;

    public DateTimeOffset Now => clock.GetUtcNow();

    public void AddLoading(int by)
    {
        var before = Loading;
        Loading += by;
        if ((before == 0) != (Loading == 0))
        {
            LoadingChanged?.Invoke();
        }
    }

    public async Task ReadAsync()
    {
        _user = (await authentication.GetAuthenticationStateAsync()).User;
        var browser = await script.InvokeAsync<Browser>("qrie.environment");
        Dark = browser.Dark;
        Zone = TimeZoneInfo.TryFindSystemTimeZoneById(browser.Zone, out var zone) ? zone : TimeZoneInfo.Utc;
    }

    public async Task SetDarkAsync(bool dark)
    {
        Dark = dark;
        await script.InvokeVoidAsync("qrie.setTheme", dark);
    }

    private sealed record Browser(bool Dark, string Zone);
}
