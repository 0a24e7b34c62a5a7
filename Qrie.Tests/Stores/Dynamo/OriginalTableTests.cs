using Amazon.DynamoDBv2.Model;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>What commands of the original system's documentation find in the tables.</summary>
public sealed class OriginalTableTests
{
    private static CancellationToken None => CancellationToken.None;

    [DynamoFact]
    public Task Tables_have_the_keys_and_attributes_of_the_original_system() => DynamoServer.WithTablesAsync(async (url, settings) =>
    {
        await using var stores = await StoreSets.PrepareAsync(DynamoServer.ProviderOf(url, settings), () => ValueTask.CompletedTask);
        await stores.Accounts.AddAsync(Some.Account(organization: Domain.Organizations.Default), None);
        await stores.Policies.LaunchAsync(Some.Policy(organization: Domain.Organizations.Default), None);
        await stores.Resources.WriteAsync(Domain.Organizations.Default, [Some.Bucket("a")], Some.At(1), None);
        await stores.Findings.ApplyAsync(Domain.Organizations.Default, [Some.Evaluated(Some.Bucket("a"), Some.Fails())], null, None);
        using var client = DynamoServer.ClientOf(url);

        var findings = await client.QueryAsync(new QueryRequest
        {
            TableName = $"{settings.TablePrefix}findings",
            KeyConditionExpression = "ARN = :arn",
            FilterExpression = "#s = :active AND Severity >= :least AND AccountService = :service",
            ExpressionAttributeNames = new Dictionary<string, string> { ["#s"] = "State" },
            ExpressionAttributeValues = new Dictionary<string, AttributeValue>
            {
                [":arn"] = new(Some.ArnOf("a")),
                [":active"] = new("ACTIVE"),
                [":least"] = new() { N = "50" },
                [":service"] = new(Some.S3),
            },
        });
        findings.Items.Single()["Evidence"].S.ShouldContain("violation");

        var account = await client.GetItemAsync(
            $"{settings.TablePrefix}accounts", new Dictionary<string, AttributeValue> { ["AccountId"] = new(Some.AccountId) });
        account.Item["Status"].S.ShouldBe("active");
        var policy = await client.GetItemAsync(
            $"{settings.TablePrefix}policies", new Dictionary<string, AttributeValue> { ["PolicyId"] = new(Some.Public) });
        policy.Item["Status"].S.ShouldBe("active");
        var resource = await client.GetItemAsync(
            $"{settings.TablePrefix}resources",
            new Dictionary<string, AttributeValue> { ["AccountService"] = new(Some.S3), ["ARN"] = new(Some.ArnOf("a")) });
        resource.Item["LastSeenAt"].N.ShouldNotBeNull();
        return true;
    });
}
