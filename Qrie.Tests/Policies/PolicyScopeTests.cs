using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies;

public sealed class PolicyScopeTests
{
    private static readonly ScopeTarget Subject = new(
        Some.AccountId, Tags("Env=prod", "Team=web"), Tags("Owner=ops", "Env=test"), "/Production/Web");

    [Fact]
    public void A_scope_without_criteria_includes_everything()
    {
        PolicyScope.Everything.Match(Subject).ShouldBe(ScopeMatch.In);
        PolicyScope.Everything.Match(new ScopeTarget(Some.AccountId, null, null, null)).ShouldBe(ScopeMatch.In);
    }

    [Theory]
    [InlineData("111122223333", ScopeMatch.In)]
    [InlineData("444455556666", ScopeMatch.Out)]
    [InlineData("444455556666,111122223333", ScopeMatch.In)]
    public void Included_accounts(string accounts, ScopeMatch match) =>
        new PolicyScope { IncludeAccounts = accounts.Split(',') }.Match(Subject).ShouldBe(match);

    [Theory]
    [InlineData("111122223333", ScopeMatch.Out)]
    [InlineData("444455556666", ScopeMatch.In)]
    public void Excluded_accounts(string accounts, ScopeMatch match) =>
        new PolicyScope { ExcludeAccounts = accounts.Split(',') }.Match(Subject).ShouldBe(match);

    [Theory]
    [InlineData("Env=prod", ScopeMatch.In)]
    [InlineData("Env=test", ScopeMatch.Out)] // the resource's own tag decides, not the account's
    [InlineData("Env=stage|prod", ScopeMatch.In)]
    [InlineData("Env=PROD", ScopeMatch.Out)]
    [InlineData("Env=test,Team=web", ScopeMatch.In)] // one key is sufficient
    [InlineData("Owner=ops", ScopeMatch.In)] // the account's, because the resource has none
    [InlineData("Owner=dev", ScopeMatch.Out)]
    [InlineData("Nobody=has", ScopeMatch.Out)]
    public void Included_tags(string wanted, ScopeMatch match)
    {
        new PolicyScope { IncludeTags = Wanted(wanted) }.Match(Subject).ShouldBe(match);
        new PolicyScope { ExcludeTags = Wanted(wanted) }.Match(Subject).ShouldBe(match == ScopeMatch.In ? ScopeMatch.Out : ScopeMatch.In);
    }

    [Theory]
    [InlineData("Env=prod")]
    [InlineData("Owner=ops")] // the resource may have its own
    public void Unreadable_tags_make_a_tag_criterion_unknown(string wanted)
    {
        var unread = Subject with { Tags = null };

        new PolicyScope { IncludeTags = Wanted(wanted) }.Match(unread).ShouldBe(ScopeMatch.Unknown);
        new PolicyScope { ExcludeTags = Wanted(wanted) }.Match(unread).ShouldBe(ScopeMatch.Unknown);
    }

    [Fact]
    public void An_account_without_known_tags_has_none()
    {
        var subject = Subject with { AccountTags = null };

        new PolicyScope { IncludeTags = Wanted("Owner=ops") }.Match(subject).ShouldBe(ScopeMatch.Out);
        new PolicyScope { IncludeTags = Wanted("Env=prod") }.Match(subject).ShouldBe(ScopeMatch.In);
    }

    [Theory]
    [InlineData("/Production", ScopeMatch.In)]
    [InlineData("/Production/", ScopeMatch.In)]
    [InlineData("Production", ScopeMatch.In)]
    [InlineData("/Production/Web", ScopeMatch.In)]
    [InlineData("/", ScopeMatch.In)]
    [InlineData("/Prod", ScopeMatch.Out)] // no path boundary
    [InlineData("/Production/We", ScopeMatch.Out)]
    [InlineData("/Production/Web/Shop", ScopeMatch.Out)]
    [InlineData("/production", ScopeMatch.Out)]
    [InlineData("/Web", ScopeMatch.Out)]
    [InlineData("/Sandbox,/Production", ScopeMatch.In)]
    public void Included_and_excluded_ou_paths(string paths, ScopeMatch match)
    {
        new PolicyScope { IncludeOuPaths = paths.Split(',') }.Match(Subject).ShouldBe(match);
        new PolicyScope { ExcludeOuPaths = paths.Split(',') }.Match(Subject).ShouldBe(match == ScopeMatch.In ? ScopeMatch.Out : ScopeMatch.In);
    }

    [Fact]
    public void An_unknown_OU_makes_an_OU_criterion_unknown()
    {
        var unknown = Subject with { Ou = null };

        new PolicyScope { IncludeOuPaths = ["/Production"] }.Match(unknown).ShouldBe(ScopeMatch.Unknown);
        new PolicyScope { ExcludeOuPaths = ["/Production"] }.Match(unknown).ShouldBe(ScopeMatch.Unknown);
    }

    [Fact]
    public void All_given_criteria_must_hold()
    {
        var scope = new PolicyScope { IncludeAccounts = [Some.AccountId], IncludeTags = Wanted("Env=prod"), IncludeOuPaths = ["/Production"] };

        scope.Match(Subject).ShouldBe(ScopeMatch.In);
        scope.Match(Subject with { Ou = "/Sandbox" }).ShouldBe(ScopeMatch.Out);
        (scope with { ExcludeTags = Wanted("Team=web") }).Match(Subject).ShouldBe(ScopeMatch.Out);
    }

    [Fact]
    public void A_criterion_that_certainly_excludes_decides_even_if_another_is_unknown()
    {
        var scope = new PolicyScope { IncludeTags = Wanted("Env=prod"), IncludeOuPaths = ["/Sandbox"], ExcludeAccounts = ["444455556666"] };

        scope.Match(Subject with { Tags = null }).ShouldBe(ScopeMatch.Out);
        scope.Match(Subject with { Tags = null, Ou = "/Sandbox" }).ShouldBe(ScopeMatch.Unknown);
    }

    private static Dictionary<string, string> Tags(params string[] tags) => tags.Select(t => t.Split('=')).ToDictionary(t => t[0], t => t[1]);

    private static Dictionary<string, IReadOnlyList<string>> Wanted(string tags) =>
        tags.Split(',').Select(t => t.Split('=')).ToDictionary(t => t[0], t => (IReadOnlyList<string>)t[1].Split('|'));
}
