namespace Qrie.Tests.Stores;

public abstract class InstallationContract : StoreContract
{
    [Fact]
    public async Task A_secret_has_32_bytes_and_is_stable()
    {
        var secret = await Stores.Installation.SecretAsync("page-tokens", None);

        secret.Length.ShouldBe(32);
        (await Stores.Installation.SecretAsync("page-tokens", None)).ShouldBe(secret);
    }

    [Fact]
    public async Task Secrets_of_different_names_differ()
    {
        (await Stores.Installation.SecretAsync("redaction", None)).ShouldNotBe(await Stores.Installation.SecretAsync("page-tokens", None));
    }

    [Fact]
    public async Task Concurrent_first_reads_return_the_same_secret()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Stores.Installation.SecretAsync("new", None))));

        secrets.Select(Convert.ToHexString).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Preparing_again_changes_nothing()
    {
        var secret = await Stores.Installation.SecretAsync("page-tokens", None);

        await Stores.Installation.PrepareAsync(None);

        (await Stores.Installation.SecretAsync("page-tokens", None)).ShouldBe(secret);
    }

    [Fact]
    public async Task The_store_reports_its_kind_and_version()
    {
        var (kind, version) = await Stores.Installation.DescribeStoreAsync(None);

        kind.ShouldBeOneOf("sqlite", "postgres", "dynamodb");
        version.ShouldNotBeNullOrWhiteSpace();
    }
}
