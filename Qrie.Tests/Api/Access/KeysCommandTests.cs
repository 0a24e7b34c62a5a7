using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Api.Cli;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;
using Qrie.Sql.Access;
using Qrie.Sql.Database;

namespace Qrie.Tests.Api.Access;

/// <summary><c>qrie keys</c> on the store of a running service.</summary>
public sealed class KeysCommandTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-keys-");
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private RunningQrie _qrie = null!;
    private SqliteDatabase _beside = null!;

    private string Store => Path.Combine(_folder.FullName, "qrie.db");

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(store: Store, settings: "--Auth:Mode=apikey");
        _beside = SqliteDatabase.OpenBeside(Store);
    }

    public async ValueTask DisposeAsync()
    {
        await _beside.DisposeAsync();
        await _qrie.DisposeAsync();
        _folder.Delete(recursive: true);
        Dispose();
    }

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task A_key_created_by_the_command_is_accepted_by_the_running_service_until_it_is_revoked()
    {
        (await Migrator.IsCurrentAsync(_beside, default)).ShouldBeTrue();
        (await Command().CreateAsync("admin", "default", "first", "90d", default)).ShouldBe(KeysCommand.Succeeded);
        var key = ApiKeyText.Parse(_output.ToString().Trim())!; // standard output contains nothing else
        using var client = _qrie.ClientWith(key);

        (await client.CallAsync("GET", "/keys")).Status.ShouldBe(HttpStatusCode.OK);
        (await Command().RevokeAsync(key.KeyId, "default", default)).ShouldBe(KeysCommand.Succeeded);
        (await client.CallAsync("GET", "/keys")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Its_changes_are_audited()
    {
        await Command().CreateAsync("admin", "default", null, null, default);
        var key = ApiKeyText.Parse(_output.ToString().Trim())!;
        using var client = _qrie.ClientWith(key);

        var entry = (await client.JsonAsync("GET", "/audit")).GetProperty("audit")[0];

        (entry.GetProperty("action").GetString(), entry.GetProperty("subject").GetString(),
            entry.GetProperty("actor").GetString(), entry.GetProperty("role").GetString())
            .ShouldBe(("key.create", key.KeyId, $"cli:{Environment.UserName}", null));
    }

    [Fact]
    public async Task The_list_shows_keys_without_secrets()
    {
        await Command().CreateAsync("reader", "default", "for the wall", "12h", default);
        var key = ApiKeyText.Parse(_output.ToString().Trim())!;
        _output.GetStringBuilder().Clear();

        (await Command().ListAsync("default", default)).ShouldBe(KeysCommand.Succeeded);

        var line = _output.ToString().Split('\n').Single(l => l.StartsWith(key.KeyId, StringComparison.Ordinal));
        line.ShouldContain("reader");
        line.ShouldContain("active");
        line.ShouldContain("for the wall");
        _output.ToString().ShouldNotContain(key.Secret);
    }

    [Theory]
    [InlineData("boss", "default", null, "role")]
    [InlineData("admin", "nowhere", null, "There is no organization nowhere")]
    [InlineData("admin", "default", "soon", "--expires")]
    [InlineData("admin", "default", "0d", "in the future")]
    public async Task Invalid_usage_is_explained(string role, string organization, string? expires, string message)
    {
        (await Command().CreateAsync(role, organization, null, expires, default)).ShouldBe(KeysCommand.WrongUse);

        _errors.ToString().ShouldContain(message);
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_key_is_an_error()
    {
        (await Command().RevokeAsync("0123456789abcdef", "default", default)).ShouldBe(KeysCommand.Refused);

        _errors.ToString().ShouldContain("no such key");
    }

    [Fact]
    public void A_second_service_is_still_refused() => Should.Throw<StoreUnavailableException>(() => SqliteDatabase.Open(Store));

    private KeysCommand Command()
    {
        var keys = new SqlApiKeyStore(_beside);
        return new KeysCommand(
            new ApiKeys(keys, new SqlOrganizationStore(_beside), TimeProvider.System), keys,
            new AuditTrail(new SqlAuditStore(_beside), TimeProvider.System, NullLogger<AuditTrail>.Instance), TimeProvider.System, _output, _errors);
    }
}
