using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Qrie.Benchmarks.Processes;

/// <summary>
/// Fills the emulator's base account and changes it from round to round.
/// </summary>
internal sealed partial class EmulatedWorld(Uri emulator, Random random) : IDisposable
{
    private const int Buckets = 24;
    private const int Groups = 25;
    private const int Volumes = 25;
    private const int Principals = 15;

    /// <summary>Users, roles and policies in addition to other resources.</summary>
    public const int ResourcesAFill = Buckets + Groups + Volumes + (3 * Principals);

    private readonly EmulatorClient _emulator = new(emulator);
    private readonly List<string> _buckets = [];
    private readonly List<string> _volumes = [];
    private readonly List<string> _groups = [];
    private readonly HashSet<string> _open = [];
    private readonly List<string> _users = [];
    private int _last;

    /// <summary>Creates about a hundred resources, with and without violations.</summary>
    public async Task FillAsync(CancellationToken cancel)
    {
        for (var i = 0; i < Buckets; i++)
        {
            await CreateBucketAsync(cancel);
        }

        for (var i = 0; i < Groups; i++)
        {
            await CreateGroupAsync(cancel);
        }

        for (var i = 0; i < Volumes; i++)
        {
            await CreateVolumeAsync(cancel);
        }

        for (var i = 0; i < Principals; i++)
        {
            await CreateUserAsync(cancel);
            var principal = i % 3 == 0 ? "*" : "arn:aws:iam::123456789012:root";
            await IamAsync($"CreateRole&RoleName=role-{Next()}&AssumeRolePolicyDocument=" + Uri.EscapeDataString(
                $$$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"{{{principal}}}"},"Action":"sts:AssumeRole"}]}"""), cancel);
            await IamAsync($"CreatePolicy&PolicyName=policy-{Next()}&PolicyDocument=" + PolicyDocument(i % 4 == 0 ? "*" : "s3:GetObject"), cancel);
        }
    }

    /// <summary>Makes changes of every kind: creates, deletes, fixes and breaks resources.</summary>
    public async Task ChangeAsync(CancellationToken cancel)
    {
        await CreateBucketAsync(cancel);
        await S3Async(HttpMethod.Delete, $"/{Take(_buckets)}", null, cancel);
        await VersioningAsync(AnyOf(_buckets), "Enabled", cancel);
        await VersioningAsync(AnyOf(_buckets), "Suspended", cancel);
        await CreateVolumeAsync(cancel);
        await Ec2Async($"DeleteVolume&VolumeId={Take(_volumes)}", cancel);
        await CreateGroupAsync(cancel);
        await Ec2Async($"DeleteSecurityGroup&GroupId={Take(_groups)}", cancel);
        for (var i = 0; i < 3; i++)
        {
            await TurnAsync(AnyOf(_groups), cancel);
        }

        await CreateUserAsync(cancel);
        var user = Take(_users);
        await IamAsync($"DeleteUserPolicy&UserName={user}&PolicyName=inline", cancel);
        await IamAsync($"DeleteUser&UserName={user}", cancel);
    }

    public void Dispose() => _emulator.Dispose();

    private async Task CreateBucketAsync(CancellationToken cancel)
    {
        var name = $"bucket-{Next()}";
        await S3Async(HttpMethod.Put, $"/{name}", null, cancel);
        if (_last % 3 != 0)
        {
            await VersioningAsync(name, _last % 3 == 1 ? "Enabled" : "Suspended", cancel);
        }

        _buckets.Add(name);
    }

    private Task<string> VersioningAsync(string bucket, string status, CancellationToken cancel) => S3Async(
        HttpMethod.Put, $"/{bucket}?versioning",
        $"""<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>{status}</Status></VersioningConfiguration>""", cancel);

    private async Task CreateVolumeAsync(CancellationToken cancel) =>
        _volumes.Add(Id().Match(await Ec2Async($"CreateVolume&AvailabilityZone=us-east-1a&Size=8&Encrypted={(IsEven() ? "true" : "false")}", cancel)).Value);

    private async Task CreateGroupAsync(CancellationToken cancel)
    {
        var id = Id().Match(await Ec2Async($"CreateSecurityGroup&GroupName=group-{Next()}&GroupDescription=crash", cancel)).Value;
        _groups.Add(id);
        if (_last % 2 == 0)
        {
            await TurnAsync(id, cancel);
        }
    }

    /// <summary>Opens a closed security group to the world, or closes an open one.</summary>
    private Task<string> TurnAsync(string group, CancellationToken cancel)
    {
        var action = _open.Add(group) ? "AuthorizeSecurityGroupIngress" : "RevokeSecurityGroupIngress";
        if (action.StartsWith('R'))
        {
            _open.Remove(group);
        }

        return Ec2Async(
            $"{action}&GroupId={group}&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22"
            + "&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
            cancel);
    }

    private async Task CreateUserAsync(CancellationToken cancel)
    {
        var name = $"user-{Next()}";
        await IamAsync($"CreateUser&UserName={name}", cancel);
        await IamAsync($"PutUserPolicy&UserName={name}&PolicyName=inline&PolicyDocument=" + PolicyDocument(_last % 2 == 0 ? "*" : "s3:GetObject"), cancel);
        _users.Add(name);
    }

    private static string PolicyDocument(string action) =>
        Uri.EscapeDataString($$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"{{action}}","Resource":"*"}]}""");

    private Task<string> Ec2Async(string action, CancellationToken cancel) => QueryAsync("ec2", "2016-11-15", action, cancel);

    private Task<string> IamAsync(string action, CancellationToken cancel) => QueryAsync("iam", "2010-05-08", action, cancel);

    private Task<string> QueryAsync(string service, string version, string action, CancellationToken cancel) =>
        _emulator.SendAsync(
            service, HttpMethod.Post, "/", new StringContent($"Action={action}&Version={version}", Encoding.UTF8, "application/x-www-form-urlencoded"), cancel);

    private Task<string> S3Async(HttpMethod method, string path, string? xml, CancellationToken cancel) =>
        _emulator.SendAsync("s3", method, path, xml is null ? null : new StringContent(xml, Encoding.UTF8, "application/xml"), cancel);

    private string Next() => (++_last).ToString("0000", CultureInfo.InvariantCulture);

    private bool IsEven() => ++_last % 2 == 0;

    private string AnyOf(List<string> names) => names[random.Next(names.Count)];

    private string Take(List<string> names)
    {
        var name = AnyOf(names);
        names.Remove(name);
        return name;
    }

    [GeneratedRegex("(?<=<(?:groupId|volumeId)>)[^<]+")]
    private static partial Regex Id();
}
