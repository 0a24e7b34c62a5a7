using System.Globalization;
using System.Net;
using System.Text.Json;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Accounts;

/// <summary>Discovery of accounts in AWS Organizations, from a real endpoint.</summary>
public sealed class DiscoveryTests
{
    [EmulatorFact]
    public async Task Accounts_units_and_tags_are_imported_and_updated()
    {
        var world = await World.CreateAsync(members: 24);
        await using var proxy = await FaultProxy.StartAsync();
        // The emulator returns a hundred at once, AWS twenty.
        await using var qrie = await StartAsync(proxy, world, "--Discovery:NewAccounts=active");

        var first = await DiscoverAsync(qrie);

        first.GetProperty("problems").GetArrayLength().ShouldBe(0, first.ToString());
        Strings(first, "added").ShouldBe(world.Members.Append(world.Management).Order());
        var moving = world.Members[0];
        (await OuAsync(qrie, moving)).ShouldBe("/Production/Web");
        (await OuAsync(qrie, world.Members[1])).ShouldBe("/Production");
        (await OuAsync(qrie, world.Management)).ShouldBe("/");
        var account = (await qrie.GetAsync($"/accounts/{moving}")).Body;
        (account.GetProperty("name").GetString(), account.GetProperty("tags").GetProperty("team").GetString(), account.GetProperty("member_of").GetString())
            .ShouldBe(("member-0", "web", first.GetProperty("organization_id").GetString()));

        Strings(await DiscoverAsync(qrie), "added").ShouldBeEmpty();
        await world.MoveAsync(moving, world.Web, world.Sandbox);
        await world.Estate.DoAsync("organizations", "RemoveAccountFromOrganization", new { AccountId = world.Members[2] });
        await world.Estate.DoAsync("organizations", "CloseAccount", new { AccountId = world.Members[3] });
        await qrie.DeleteAsync($"/accounts/{world.Members[4]}");
        await qrie.PostAsync("/accounts", new { account_id = "999999999999" });

        var second = await DiscoverAsync(qrie);

        Strings(second, "moved").ShouldBe([moving]);
        Strings(second, "removed").ShouldBe(new[] { world.Members[2], world.Members[3] }.Order());
        (await OuAsync(qrie, moving)).ShouldBe("/Sandbox");
        (await StatusAsync(qrie, world.Members[2])).ShouldBe("removed left_organization");
        (await StatusAsync(qrie, world.Members[4])).ShouldBe("removed requested"); // by request
        (await StatusAsync(qrie, "999999999999")).ShouldBe("active "); // it was never a member
    }

    [EmulatorFact]
    public async Task New_accounts_are_pending_until_they_are_confirmed()
    {
        var world = await World.CreateAsync(members: 2);
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, world);
        var member = world.Members[0];

        Strings(await DiscoverAsync(qrie), "pending").Count.ShouldBe(3);

        (await qrie.GetAsync("/accounts")).Body.EnumerateArray().Select(a => a.GetProperty("account_id").GetString()).ShouldNotContain(member);
        (await qrie.GetAsync("/accounts?status=pending")).Body.GetArrayLength().ShouldBe(3);
        (await qrie.PostAsync("/scans", new { kind = "inventory", account_id = member })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await qrie.PostAsync("/accounts", new { account_id = member })).Status.ShouldBe(HttpStatusCode.Created);
        (await StatusAsync(qrie, member)).ShouldBe("active ");
        (await OuAsync(qrie, member)).ShouldBe("/Production/Web");
        Strings(await DiscoverAsync(qrie), "pending").ShouldBeEmpty();
        (await StatusAsync(qrie, member)).ShouldBe("active ");
    }

    [EmulatorFact]
    public async Task Nothing_is_removed_if_a_list_is_truncated_or_denied()
    {
        var world = await World.CreateAsync(members: 24);
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, world, "--Discovery:NewAccounts=active");
        await DiscoverAsync(qrie);
        var before = (await qrie.GetAsync("/accounts")).Body.GetArrayLength();
        await world.MoveAsync(world.Members[0], world.Web, world.Sandbox);

        proxy.On("organizations:ListAccounts").AccessDenied();
        var denied = await DiscoverAsync(qrie);
        var problem = denied.GetProperty("problems").EnumerateArray().ShouldHaveSingleItem();
        problem.GetProperty("action").GetString().ShouldBe("organizations:ListAccounts");
        problem.GetProperty("remedy").GetString()!.ShouldContain("delegated administrator");
        denied.GetProperty("removed").GetArrayLength().ShouldBe(0);

        proxy.Heal();
        proxy.On("organizations:ListAccounts").Change(body => Cut(body, withNext: true));
        proxy.On("organizations:ListAccounts").OnLaterPages().AccessDenied();
        (await DiscoverAsync(qrie)).GetProperty("removed").GetArrayLength().ShouldBe(0);

        proxy.Heal();
        proxy.On("organizations:ListAccounts").Change(body => Cut(body, withNext: false));
        var lost = await DiscoverAsync(qrie);
        lost.GetProperty("removed").GetArrayLength().ShouldBe(0);
        (await OuAsync(qrie, world.Members[0])).ShouldBe("/Production/Web");

        proxy.Heal();
        proxy.On("organizations:ListOrganizationalUnitsForParent").AccessDenied();
        proxy.On("organizations:ListTagsForResource").AccessDenied();
        var blind = await DiscoverAsync(qrie);
        blind.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("action").GetString())
            .ShouldBe(["organizations:ListOrganizationalUnitsForParent", "organizations:ListTagsForResource"]);
        (await OuAsync(qrie, world.Members[0])).ShouldBe("/Production/Web");
        (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(before);

        proxy.Heal();
        Strings(await DiscoverAsync(qrie), "moved").ShouldBe([world.Members[0]]);
    }

    [EmulatorFact]
    public async Task Removing_more_than_half_of_the_accounts_needs_confirmation()
    {
        var world = await World.CreateAsync(members: 30);
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, world, "--Discovery:NewAccounts=active");
        await DiscoverAsync(qrie);
        foreach (var member in world.Members.Take(25))
        {
            await world.Estate.DoAsync("organizations", "RemoveAccountFromOrganization", new { AccountId = member });
        }

        var doubted = await DiscoverAsync(qrie);
        (doubted.GetProperty("removed").GetArrayLength(), doubted.GetProperty("not_removed").GetArrayLength(),
            doubted.GetProperty("problems")[0].GetProperty("code").GetString())
            .ShouldBe((0, 25, "TooManyRemoved"));

        (await DiscoverAsync(qrie, confirm: true)).GetProperty("removed").GetArrayLength().ShouldBe(25);
    }

    [EmulatorFact]
    public async Task An_account_without_an_organization_is_a_problem()
    {
        await using var proxy = await FaultProxy.StartAsync();
        var lonely = Estate.Create();
        await using var qrie = await RunningQrie.StartAtAsync(proxy.Url, settings: $"--Discovery:RoleArn=arn:aws:iam::{lonely.AccountId}:role/Reader");

        var report = await DiscoverAsync(qrie);

        var problem = report.GetProperty("problems").EnumerateArray().ShouldHaveSingleItem();
        problem.GetProperty("code").GetString().ShouldBe("AWSOrganizationsNotInUseException");
        problem.GetProperty("message").GetString()!.ShouldContain(lonely.AccountId);
    }

    [EmulatorFact]
    public async Task A_scheduled_inventory_starts_with_account_discovery()
    {
        var world = await World.CreateAsync(members: 1);
        await using var proxy = await FaultProxy.StartAsync();
        await using var qrie = await StartAsync(proxy, world, "--Discovery:NewAccounts=active", "--Aws:Regions=us-east-1");

        var (_, started) = await qrie.PostAsync("/schedules/inventory/run", new { });
        var scan = await qrie.FinishedAsync(started.GetProperty("scan_id").GetString()!, TimeSpan.FromMinutes(2));

        scan.GetProperty("progress").EnumerateArray().Select(p => p.GetProperty("account_id").GetString()).ShouldContain(world.Members[0]);
    }

    /// <summary>The response without its last account, which may be the management account.</summary>
    private static byte[] Cut(byte[] body, bool withNext)
    {
        var page = JsonElement.Parse(body);
        var accounts = page.GetProperty("Accounts").EnumerateArray().Skip(1).Take(20).ToList();
        return JsonSerializer.SerializeToUtf8Bytes(withNext
            ? new Dictionary<string, object> { ["Accounts"] = accounts, ["NextToken"] = "more" }
            : new Dictionary<string, object> { ["Accounts"] = accounts });
    }

    private static Task<RunningQrie> StartAsync(FaultProxy proxy, World world, params string[] settings) =>
        RunningQrie.StartAtAsync(proxy.Url, settings: [$"--Discovery:RoleArn=arn:aws:iam::{world.Management}:role/OrganizationReader", .. settings]);

    private static async Task<JsonElement> DiscoverAsync(RunningQrie qrie, bool confirm = false)
    {
        var (status, report) = await qrie.PostAsync("/accounts/discover", new { confirm_removals = confirm });
        status.ShouldBe(HttpStatusCode.OK, report.ToString());
        return report;
    }

    private static async Task<string?> OuAsync(RunningQrie qrie, string account) =>
        (await qrie.GetAsync($"/accounts/{account}")).Body.GetProperty("ou").GetString();

    private static async Task<string> StatusAsync(RunningQrie qrie, string account)
    {
        var body = (await qrie.GetAsync($"/accounts/{account}")).Body;
        return $"{body.GetProperty("status").GetString()} {body.GetProperty("removed_because").GetString()}";
    }

    private static List<string?> Strings(JsonElement report, string name) => [.. report.GetProperty(name).EnumerateArray().Select(a => a.GetString())];

    /// <summary>An organization: /Production with most members, /Production/Web with the first, /Sandbox.</summary>
    private sealed class World
    {
        public required Estate Estate { get; init; }

        public required string Production { get; init; }

        public required string Web { get; init; }

        public required string Sandbox { get; init; }

        public required IReadOnlyList<string> Members { get; init; }

        public string Management => Estate.AccountId;

        public static async Task<World> CreateAsync(int members)
        {
            var estate = Estate.Create();
            await estate.DoAsync("organizations", "CreateOrganization", new { FeatureSet = "ALL" });
            using var aws = await EmulatedAws.StartAsync();
            var root = (await aws.Api.CallAsync(estate.Call("organizations", "ListRoots"), default)).Content
                .GetProperty("Roots")[0].GetProperty("Id").GetString()!;
            async Task<string> UnitAsync(string parent, string name) =>
                (await estate.DoAsync("organizations", "CreateOrganizationalUnit", new { ParentId = parent, Name = name }))
                    .GetProperty("OrganizationalUnit").GetProperty("Id").GetString()!;
            var production = await UnitAsync(root, "Production");
            var world = new World
            {
                Estate = estate,
                Production = production,
                Web = await UnitAsync(production, "Web"),
                Sandbox = await UnitAsync(root, "Sandbox"),
                Members = await MembersAsync(estate, members),
            };
            for (var i = 0; i < members; i++)
            {
                await world.MoveAsync(world.Members[i], root, i == 0 ? world.Web : production);
            }

            await estate.DoAsync("organizations", "TagResource", new { ResourceId = world.Members[0], Tags = new[] { new { Key = "team", Value = "web" } } });
            return world;
        }

        public Task<JsonElement> MoveAsync(string account, string from, string to) =>
            Estate.DoAsync("organizations", "MoveAccount", new { AccountId = account, SourceParentId = from, DestinationParentId = to });

        private static async Task<IReadOnlyList<string>> MembersAsync(Estate estate, int count)
        {
            var members = new List<string>();
            for (var i = 0; i < count; i++)
            {
                var made = await estate.DoAsync(
                    "organizations", "CreateAccount",
                    new { AccountName = string.Create(CultureInfo.InvariantCulture, $"member-{i}"), Email = $"m{i}@example.com" });
                members.Add(made.GetProperty("CreateAccountStatus").GetProperty("AccountId").GetString()!);
            }

            return members;
        }
    }
}
