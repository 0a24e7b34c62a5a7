using System.Net;
using System.Net.Sockets;

namespace Qrie.Soak.Tests.Replicas;

/// <summary>Forwards connections to a server, and can be cut like a network: nothing arrives any more, without a notification.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile CancellationTokenSource _connected = new();
    private volatile bool _isCut;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Forwards nothing any more.</summary>
    public void Cut() => _isCut = true;

    /// <summary>Ends the connections from before and forwards new ones.</summary>
    public async Task RestoreAsync()
    {
        var before = Interlocked.Exchange(ref _connected, new CancellationTokenSource());
        _isCut = false;
        await before.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _connected.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_ended.Token), _connected.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // It ended.
        }
    }

    private async Task ForwardAsync(TcpClient client, CancellationToken cancel)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, cancel);
                await Task.WhenAny(CopyAsync(client, server, cancel), CopyAsync(server, client, cancel));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // One of both ended.
            }
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        while (await from.GetStream().ReadAsync(buffer, cancel) is > 0 and var read)
        {
            if (_isCut)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel); // what was sent is lost
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }
}
