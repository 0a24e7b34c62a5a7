#!/usr/bin/env bash
# Subject:  AWSSDK.Core 4.1.0 with AWSSDK.SQS 4.0.100.25 on .NET 10. Date: 2026-11-29.
# Expected: an asynchronous call (SendMessageAsync) takes the credentials from AWSCredentials.GetCredentialsAsync, the asynchronous half of the class.
# Happens:  each call asks GetCredentialsAsync twice, and then the signer asks the blocking GetCredentials once more and signs with that answer.
# Hurts:    services with credentials of their own class that are renewed over the network: the renewal blocks a thread of the pool in every call that
#           signs, and a class that only supports the asynchronous half cannot be used. Fetch the credentials first and hand the client a finished value.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > probe.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="AWSSDK.Core" Version="[4.1.0]" />
    <PackageReference Include="AWSSDK.SQS" Version="[4.0.100.25]" />
  </ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.Net;
using Amazon.Runtime;
using Amazon.SQS;

// An endpoint that answers every request, so that nothing but the credentials matters.
var port = 20000 + Environment.ProcessId % 20000;
using var server = new HttpListener();
server.Prefixes.Add($"http://127.0.0.1:{port}/");
server.Start();
_ = Task.Run(async () =>
{
    while (true)
    {
        var context = await server.GetContextAsync();
        context.Response.ContentType = "application/x-amz-json-1.0";
        await context.Response.OutputStream.WriteAsync("{\"QueueUrl\":\"http://127.0.0.1/1/q\"}"u8.ToArray());
        context.Response.Close();
    }
});
var credentials = new CountingCredentials();
var config = new AmazonSQSConfig { ServiceURL = $"http://127.0.0.1:{port}", AuthenticationRegion = "us-east-1", MaxErrorRetry = 0 };
using var sqs = new AmazonSQSClient(credentials, config);
for (var i = 0; i < 3; i++)
{
    await sqs.GetQueueUrlAsync("q");
}

Console.WriteLine($"blocking={credentials.Blocking} asynchronous={credentials.Asynchronous}");

sealed class CountingCredentials : AWSCredentials
{
    public int Blocking, Asynchronous;
    private static readonly ImmutableCredentials s_value = new("AKIAEXAMPLE", "secret", null);
    public override ImmutableCredentials GetCredentials() { Blocking++; return s_value; }
    public override Task<ImmutableCredentials> GetCredentialsAsync() { Asynchronous++; return Task.FromResult(s_value); }
}
CS
dotnet build -c Release -v q --nologo -o out >build.log 2>&1 || { tail -5 build.log; exit 2; }
result=$(dotnet out/probe.dll)
echo "three asynchronous calls: $result"
[ "$result" = "blocking=3 asynchronous=6" ] || { echo "The behaviour has changed."; exit 1; }
