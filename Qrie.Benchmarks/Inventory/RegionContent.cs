using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Inventory;

/// <summary>Resources of a region of the emulated account, most of which need calls of their own to be described.</summary>
internal sealed partial class RegionContent(Uri emulator, string region) : IDisposable
{
    private readonly EmulatorClient _emulator = new(emulator);
    private int _last;

    /// <summary>Creates instances, images, snapshots and networks, and what belongs to databases.</summary>
    /// <param name="size">How many of each.</param>
    public async Task FillAsync(int size, CancellationToken cancel)
    {
        await RdsAsync(Database("base"), cancel);
        for (var i = 0; i < size; i++)
        {
            var image = Id().Match(await Ec2Async($"RegisterImage&Name={Next("image")}&Architecture=x86_64&RootDeviceName=/dev/sda1", cancel)).Value;
            await Ec2Async($"RunInstances&ImageId={image}&MinCount=1&MaxCount=1&InstanceType=t3.micro", cancel);
            var volume = Id().Match(await Ec2Async($"CreateVolume&AvailabilityZone={region}a&Size=8", cancel)).Value;
            await Ec2Async($"CreateSnapshot&VolumeId={volume}", cancel);
            await Ec2Async($"CreateSnapshot&VolumeId={volume}", cancel);
            await RdsAsync($"CreateDBSnapshot&DBInstanceIdentifier=base&DBSnapshotIdentifier={Next("snapshot")}", cancel);
            if (i % 5 == 0)
            {
                await Ec2Async("CreateVpc&CidrBlock=10.0.0.0/16", cancel);
                await RdsAsync(Database(Next("database")), cancel);
                await RdsAsync(
                    $"CreateDBParameterGroup&DBParameterGroupName={Next("parameters")}&DBParameterGroupFamily=mysql8.0&Description=x", cancel);
            }
        }
    }

    /// <summary>Creates resources of other services.</summary>
    /// <param name="size">How many of each.</param>
    public async Task FillOthersAsync(int size, CancellationToken cancel)
    {
        for (var i = 0; i < size; i++)
        {
            await QueryAsync("sns", "2010-03-31", $"CreateTopic&Name={Next("topic")}", cancel);
            await JsonAsync("sqs", "AmazonSQS.CreateQueue", "1.0", $$"""{"QueueName":"{{Next("queue")}}"}""", cancel);
            await JsonAsync("kms", "TrentService.CreateKey", "1.1", "{}", cancel);
            await JsonAsync("logs", "Logs_20140328.CreateLogGroup", "1.1", $$"""{"logGroupName":"{{Next("group")}}"}""", cancel);
            await JsonAsync(
                "dynamodb", "DynamoDB_20120810.CreateTable", "1.0",
                $$"""
                {"TableName":"{{Next("table")}}","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
                 "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}
                """,
                cancel);
            await JsonAsync(
                "secretsmanager", "secretsmanager.CreateSecret", "1.1",
                $$"""{"Name":"{{Next("secret")}}","SecretString":"x","ClientRequestToken":"{{Guid.NewGuid()}}"}""", cancel);
            await JsonAsync(
                "ecr", "AmazonEC2ContainerRegistry_V20150921.CreateRepository", "1.1", $$"""{"repositoryName":"{{Next("repository")}}"}""", cancel);
        }
    }

    public void Dispose() => _emulator.Dispose();

    private static string Database(string name) =>
        $"CreateDBInstance&DBInstanceIdentifier={name}&DBInstanceClass=db.t3.micro&Engine=mysql&MasterUsername=admin&MasterUserPassword=password1"
        + "&AllocatedStorage=20";

    private Task<string> Ec2Async(string action, CancellationToken cancel) => QueryAsync("ec2", "2016-11-15", action, cancel);

    private Task<string> RdsAsync(string action, CancellationToken cancel) => QueryAsync("rds", "2014-10-31", action, cancel);

    private Task<string> QueryAsync(string service, string version, string action, CancellationToken cancel) => _emulator.SendAsync(
        service, HttpMethod.Post, "/", new StringContent($"Action={action}&Version={version}", Encoding.UTF8, "application/x-www-form-urlencoded"), cancel,
        region);

    private Task<string> JsonAsync(string service, string target, string version, string body, CancellationToken cancel) => _emulator.SendAsync(
        service, HttpMethod.Post, "/", new StringContent(body, new MediaTypeHeaderValue($"application/x-amz-json-{version}")), cancel, region, target);

    private string Next(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{++_last:0000}");

    [GeneratedRegex("(?<=<(?:imageId|volumeId)>)[^<]+")]
    private static partial Regex Id();
}
