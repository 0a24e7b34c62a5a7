using System.Net;
using Qrie.Api.Alerts;
using Qrie.Api.Hosting;

namespace Qrie.Tests.Alerts;

/// <summary>No address is connected to.</summary>
public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.128.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void Public(string address) => PublicAddresses.Has(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fc00::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:7f00:1::")]
    [InlineData("2001:db8::1")]
    public void Not_public(string address) => PublicAddresses.Has(IPAddress.Parse(address)).ShouldBeFalse();

    [Fact]
    public void Allowed_targets_are_names_addresses_and_networks()
    {
        var allowed = AllowedTargets.Parse("hooks.internal, 10.1.0.0/16, 192.168.7.7, fd12::/16");

        (allowed.Has("HOOKS.internal"), allowed.Has("hooks.internal.example.com")).ShouldBe((true, false));
        (allowed.Has(IPAddress.Parse("10.1.2.3")), allowed.Has(IPAddress.Parse("::ffff:10.1.2.3")), allowed.Has(IPAddress.Parse("10.2.0.1")))
            .ShouldBe((true, true, false));
        (allowed.Has(IPAddress.Parse("192.168.7.7")), allowed.Has(IPAddress.Parse("192.168.7.8"))).ShouldBe((true, false));
        allowed.Has(IPAddress.Parse("fd12::1")).ShouldBeTrue();
        Should.Throw<StartRefusedException>(() => AllowedTargets.Parse("10.1.0.0/16,http://x")).Message.ShouldContain("http://x");
    }
}
