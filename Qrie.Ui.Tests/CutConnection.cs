using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Qrie.Ui.Tests;

/// <summary>A network between the browser and the service, which can be cut and restored.</summary>
internal sealed class CutConnection : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, byte> _open = [];
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _cut;

    public CutConnection(Uri service)
    {
        _port = service.Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Breaks every connection; new ones are broken, too.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var client in _open.Keys)
        {
            client.Close();
        }
    }

    public void Restore() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = PassAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var service = new TcpClient();
        try
        {
            _open[client] = _open[service] = 0;
            if (!_cut)
            {
                await service.ConnectAsync(IPAddress.Loopback, _port);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(service.GetStream()), service.GetStream().CopyToAsync(client.GetStream()));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(service, out _);
            client.Dispose();
        }
    }
}
