using Microsoft.AspNetCore.Components;
using MudBlazor;
using Qrie.Ui.Api;

namespace Qrie.Ui.Shared;

/// <summary>
/// What pages have in common: the API, loading again when the address or time says so, and an error that is shown with what there was before.
/// </summary>
public abstract class QriePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private bool _refreshing;
    private bool _loaded;

    protected QriePage() => Cancel = _end.Token;

    [Inject] protected IQrieApi Api { get; set; } = null!;

    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    [Inject] protected Viewer Viewer { get; set; } = null!;

    [Inject] protected IDialogService Dialogs { get; set; } = null!;

    [Inject] protected ISnackbar Messages { get; set; } = null!;

    /// <summary>The accounts and services to filter by.</summary>
    [Inject] protected FilterChoices Choices { get; set; } = null!;

    [Inject] private Connection Connection { get; set; } = null!;

    [Inject] private TimeProvider Clock { get; set; } = null!;

    /// <summary>Why the last load failed; null: it did not.</summary>
    protected ApiException? Error { get; private set; }

    /// <summary>Ends with the page.</summary>
    protected CancellationToken Cancel { get; }

    /// <summary>How long what is shown stays as it is; null: until the address changes.</summary>
    protected virtual TimeSpan? RefreshEvery => null;

    /// <summary>Dialogs: what is being written must not be replaced when what is around them is drawn again.</summary>
    protected virtual bool LoadsOnce => false;

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync();

    protected override void OnInitialized() => _ = RefreshAsync();

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded && LoadsOnce)
        {
            return;
        }

        _loaded = true;
        Viewer.AddLoading(+1);
        try
        {
            await ReloadAsync();
        }
        finally
        {
            Viewer.AddLoading(-1);
        }
    }

    /// <summary>Loads, and keeps the reason if that fails.</summary>
    protected async Task ReloadAsync()
    {
        try
        {
            await LoadAsync();
            Error = null;
        }
        catch (ApiException e)
        {
            Error = e;
        }
        catch (OperationCanceledException)
        {
            return; // the page was closed, or the service stops
        }

        StateHasChanged();
    }

    /// <summary>Does something for the viewer; a refusal is told to them.</summary>
    /// <returns>Whether it was done.</returns>
    protected async Task<bool> DoAsync(Func<Task> action, string? done = null)
    {
        try
        {
            await action();
            Choices.Forget(); // it may have been about them
        }
        catch (ApiException e)
        {
            Messages.Add($"{e.Message} (request {e.RequestId})", MudBlazor.Severity.Error);
            return false;
        }

        if (done is not null)
        {
            Messages.Add(done, MudBlazor.Severity.Success);
        }

        return true;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_end.IsCancellationRequested)
        {
            _end.Cancel();
            _end.Dispose();
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(RefreshEvery ?? TimeSpan.FromSeconds(1), Clock, Cancel);
                if (RefreshEvery is not null && !_refreshing && Connection.IsUp)
                {
                    _refreshing = true;
                    await InvokeAsync(ReloadAsync);
                    _refreshing = false;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left, or the service stops.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }
}
