#!/usr/bin/env bash
# Subject:  libfaketime 0.9.10-2.1 (Debian 12) with .NET 10, as used to give replicas of a service clocks that differ. Date: 2026-12-01.
# Expected: with FAKETIME_DONT_FAKE_MONOTONIC=1 only the wall clock is shifted; timed waits, for which .NET uses the monotonic clock, wait as always.
# Happens:  each timed wait of the runtime returns at once and is repeated: timers still fire at the right time, and the shifted clock is right, so nothing
#           looks wrong, but a process that does nothing keeps all its processors busy. FAKETIME_FORCE_MONOTONIC_FIX=0 ends it: by itself the library
#           decides that deadlines on the monotonic clock must be corrected for some C libraries, which is wrong here.
# Hurts:    tests of leases, clock skew and failover of .NET services: they measure a machine without spare processors, are slow, and time out on small ones.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! apt-get download libfaketime=0.9.10-2.1 >apt.log 2>&1; then
  apt-get update -qq >>apt.log 2>&1 && apt-get download libfaketime=0.9.10-2.1 >>apt.log 2>&1 || { tail -5 apt.log; exit 2; }
fi
dpkg -x libfaketime_*.deb lib
library=$(find "$PWD/lib" -name libfaketimeMT.so.1)
cat > probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
</Project>
XML
cat > Program.cs <<'CS'
var before = Environment.CpuUsage.TotalTime;
var waited = System.Diagnostics.Stopwatch.StartNew();
await Task.Delay(4000);
var used = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
Console.WriteLine($"{args[0]}: waited {waited.Elapsed.TotalSeconds:F0} s, {(used > 2 ? "busy" : "idle")}");
CS
dotnet build --nologo -v q -o out >build.log 2>&1 || { tail -20 build.log; exit 2; }
probe() { env "${@:2}" dotnet out/probe.dll "$1"; }
{
  probe "real clock"
  probe "shifted by 300 s" LD_PRELOAD="$library" FAKETIME=+300 FAKETIME_DONT_FAKE_MONOTONIC=1
  probe "shifted, FAKETIME_FORCE_MONOTONIC_FIX=0" LD_PRELOAD="$library" FAKETIME=+300 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0
} | tee seen
diff seen - <<'TEXT'
real clock: waited 4 s, idle
shifted by 300 s: waited 4 s, busy
shifted, FAKETIME_FORCE_MONOTONIC_FIX=0: waited 4 s, idle
TEXT
