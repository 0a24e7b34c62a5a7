#!/usr/bin/env bash
# Subject:  Dapper 2.1.86 with Npgsql 10.0.3 on .NET 10. Date: 2026-11-30. The server is PGlite 0.5.14 (npm).
# Expected: QueryAsync keeps no thread while rows arrive.
# Happens:  Dapper asks for CommandBehavior.SequentialAccess, and Npgsql then reads what has not arrived of a row synchronously, when Dapper takes its columns.
#           A row that is longer than the read buffer (8 KB), or that crosses its end, keeps a thread of the pool until the network has brought the rest.
#           ExecuteReaderAsync with CommandBehavior.Default and the same SQL keeps none.
# Hurts:    services that read large columns (JSON configurations) from a server behind a slow or interrupted network: the pool runs out of threads, tokens
#           do not cancel such a read, and a timeout in it is a DataException of Dapper's, which code that catches NpgsqlException does not expect.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 >npm.log 2>&1 || { tail -5 npm.log; exit 2; }
cat > probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Dapper" Version="[2.1.86]" />
    <PackageReference Include="Npgsql" Version="[10.0.3]" />
  </ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.Data;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;

const string Sql = "SELECT repeat('x', 300000)";
var server = int.Parse(args[0]);
ThreadPool.SetMinThreads(1, 1);
ThreadPool.SetMaxThreads(1, 1); // possible because DOTNET_PROCESSOR_COUNT is 1
Console.WriteLine($"QueryAsync keeps the thread: {Keeps(async c => (await c.QueryAsync<string>(Sql)).Single())}");
Console.WriteLine($"ExecuteReaderAsync keeps the thread: {Keeps(ReadAsync)}");

static async Task<string> ReadAsync(DbConnection connection)
{
    await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(Sql), CommandBehavior.Default);
    await reader.ReadAsync();
    return reader.GetString(0);
}

// Whether the only thread of the pool is busy while the second half of a row is on its way.
bool Keeps(Func<DbConnection, Task<string>> query)
{
    using var network = new SlowNetwork(server);
    using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={network.Port};Username=postgres;Password=postgres;Database=postgres;Pooling=false;SSL Mode=Disable;GSS Encryption Mode=Disable");
    connection.Open();
    network.PauseAfter(100_000);
    var asked = Task.Run(() => query(connection));
    network.Paused.Wait();
    Thread.Sleep(500); // what was sent has been read
    using var ran = new ManualResetEventSlim();
    ThreadPool.QueueUserWorkItem(_ => ran.Set());
    var kept = !ran.Wait(3000);
    network.Continue.Set();
    if (asked.GetAwaiter().GetResult().Length != 300_000)
    {
        throw new InvalidOperationException("The row is not the one asked for.");
    }

    return kept;
}

// Passes bytes on, with threads of its own, and stops for a while in the middle of an answer.
sealed class SlowNetwork : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private long _left = long.MaxValue;

    public SlowNetwork(int server)
    {
        _listener.Start();
        new Thread(() =>
        {
            var client = _listener.AcceptTcpClient();
            var to = new TcpClient("127.0.0.1", server);
            new Thread(() => Copy(client, to, slow: false)) { IsBackground = true }.Start();
            Copy(to, client, slow: true);
        }) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public ManualResetEventSlim Paused { get; } = new();
    public ManualResetEventSlim Continue { get; } = new();
    public void PauseAfter(long bytes) => Volatile.Write(ref _left, bytes);
    public void Dispose() => _listener.Dispose();

    private void Copy(TcpClient from, TcpClient to, bool slow)
    {
        try
        {
            var buffer = new byte[8192];
            for (int n; (n = from.GetStream().Read(buffer)) > 0;)
            {
                to.GetStream().Write(buffer, 0, n);
                if (slow && Volatile.Read(ref _left) != long.MaxValue && (_left -= n) < 0)
                {
                    Volatile.Write(ref _left, long.MaxValue);
                    Paused.Set();
                    Continue.Wait();
                }
            }
        }
        catch (IOException)
        {
        }

        to.Close();
    }
}
CS
dotnet build -c Release -v q --nologo -o out >build.log 2>&1 || { tail -5 build.log; exit 2; }
port=$((20000 + $$ % 20000))
node_modules/.bin/pglite-server --port="$port" >server.log 2>&1 &
server=$!
for _ in $(seq 100); do (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
result=$(DOTNET_PROCESSOR_COUNT=1 timeout 60 dotnet out/probe.dll "$port") || { echo "$result"; cat server.log; exit 2; }
echo "$result"
[ "$result" = $'QueryAsync keeps the thread: True\nExecuteReaderAsync keeps the thread: False' ] || { echo "The behaviour has changed."; exit 1; }
