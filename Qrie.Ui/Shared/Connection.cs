using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Qrie.Ui.Shared;

/// <summary>Whether the viewer's browser is connected. Pages without one are kept for some minutes, and read nothing meanwhile.</summary>
public sealed class Connection : CircuitHandler
{
    private volatile bool _isUp = true;

    public bool IsUp => _isUp;

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _isUp = true;
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _isUp = false;
        return Task.CompletedTask;
    }
}
