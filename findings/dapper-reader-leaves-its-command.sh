#!/usr/bin/env bash
# Subject:  Dapper 2.1.86 with Microsoft.Data.Sqlite 11.0.0 on .NET 10. Date: 2026-11-30.
# Expected: a reader of ExecuteReaderAsync owns its command, since callers do not see it, and disposes it in DisposeAsync as it does in Dispose.
# Happens:  Dispose disposes the command, DisposeAsync does not: after "await using" the command, with its prepared statement, waits for the finalizer.
# Hurts:    services with many small queries. SqliteConnection keeps a list of its commands, which grows until finalizers take them out one by one; the
#           processor time of a program that does little else than such queries rose by half. Dispose ((IWrappedDataReader)reader).Command as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Dapper" Version="[2.1.86]" />
    <PackageReference Include="Microsoft.Data.Sqlite" Version="[11.0.0]" />
  </ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.ComponentModel;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

using var connection = new SqliteConnection("Data Source=:memory:");
connection.Open();
Console.WriteLine($"Dispose: {await DisposesCommandAsync(reader => { reader.Dispose(); return ValueTask.CompletedTask; })}");
Console.WriteLine($"DisposeAsync: {await DisposesCommandAsync(reader => reader.DisposeAsync())}");

async Task<bool> DisposesCommandAsync(Func<DbDataReader, ValueTask> dispose)
{
    var reader = await connection.ExecuteReaderAsync("SELECT 1");
    var disposed = false;
    ((Component)((IWrappedDataReader)reader).Command).Disposed += (_, _) => disposed = true;
    while (await reader.ReadAsync())
    {
    }

    await dispose(reader);
    return disposed;
}
CS
dotnet build -c Release -v q --nologo -o out >build.log 2>&1 || { tail -5 build.log; exit 2; }
result=$(dotnet out/probe.dll)
echo "$result"
[ "$result" = $'Dispose: True\nDisposeAsync: False' ] || { echo "The behaviour has changed."; exit 1; }
