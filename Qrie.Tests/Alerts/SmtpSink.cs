using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Qrie.Tests.Alerts;

/// <summary>A mail server on loopback: it speaks what a client needs to send a message.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    public SmtpSink()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The accepted messages with their recipients.</summary>
    public ConcurrentQueue<(IReadOnlyList<string> Recipients, MimeMessage Message)> Mails { get; } = new();

    /// <summary>Responses to the next messages; accepted if there is none.</summary>
    public ConcurrentQueue<string> Responses { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                await TalkAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 sink");
        var recipients = new List<string>();
        while (await reader.ReadLineAsync(_end.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return;
                case "RCPT":
                    recipients.Add(line[(line.IndexOf('<') + 1)..line.IndexOf('>')]);
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    await ReceiveAsync(reader, writer, [.. recipients]);
                    recipients.Clear();
                    break;
                default:
                    await writer.WriteLineAsync("250 ok");
                    break;
            }
        }
    }

    private async Task ReceiveAsync(StreamReader reader, StreamWriter writer, List<string> recipients)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_end.Token) is { } line && line != ".")
        {
            text.Append(line.StartsWith("..", StringComparison.Ordinal) ? line[1..] : line).Append("\r\n");
        }

        if (Responses.TryDequeue(out var refusal))
        {
            await writer.WriteLineAsync(refusal);
            return;
        }

        using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()));
        Mails.Enqueue((recipients, await MimeMessage.LoadAsync(bytes)));
        await writer.WriteLineAsync("250 accepted");
    }
}
