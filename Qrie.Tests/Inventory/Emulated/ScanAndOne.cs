using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>Checks for every type that a single read equals that of a scan, and that a refused read results in unknown attributes.</summary>
internal static class ScanAndOne
{
    /// <summary>Operations that moto 5.2.1 lacks, so that they cannot be tested.</summary>
    private static readonly Dictionary<string, string[]> _missingInEmulator = new()
    {
        ["AWS::EC2::Region"] =
        [
            "EbsDefaultKmsKeyId", "SnapshotBlockPublicAccess", "ImageBlockPublicAccess", "SerialConsoleAccess", "InstanceMetadataDefaults",
            "VpcBlockPublicAccess",
        ],
        // It finds no query logging by the id of a zone.
        ["AWS::Route53::HostedZone"] = ["Dnssec", "QueryLogging"],
        // Its credential report lacks the root user.
        ["AWS::IAM::Account"] = ["RootCredentials"],
    };

    public static async Task CompareAsync(EmulatedCollector aws, Collected collected, string service, string region)
    {
        var listed = region == Regions.Global ? ResourceScope.Global : ResourceScope.Regional;
        foreach (var type in ShippedCatalog.Instance.FindService(service)!.Resources.Where(t => t.Scope == listed))
        {
            collected.End(type.Type).ErrorCode.ShouldBeNull(type.Type);
            var some = collected.Resources.Where(resource => resource.Type == type.Type).Take(2).ToList();
            foreach (var scanned in some)
            {
                var missing = _missingInEmulator.GetValueOrDefault(type.Type, []);
                scanned.Unknown.Keys.Except(missing).ShouldBeEmpty($"{type.Type} {string.Join(' ', scanned.Unknown)}");
                var one = (await aws.CollectOneAsync(service, type.Type, scanned.Id, region)).ShouldBeOfType<SingleCollectionResult.Found>(type.Type).Resource;
                one.Unknown.Keys.Except(missing).ShouldBeEmpty($"{type.Type} {string.Join(' ', one.Unknown)}");
                if (one.Unknown.Keys.SequenceEqual(scanned.Unknown.Keys))
                {
                    HashOf(type, one).ShouldBe(HashOf(type, scanned), $"{type.Type}: {one.Configuration} is not {scanned.Configuration}");
                }
                else
                {
                    Claimed(scanned, one).ShouldBeEmpty($"{type.Type}: {one.Configuration} is not {scanned.Configuration}");
                }

                (one.Id, one.Arn, one.Region).ShouldBe((scanned.Id, scanned.Arn, scanned.Region), type.Type);
            }
        }
    }

    /// <summary>Moto ignores the ARNs that it is asked for the tags of, and returns its first page (see SingleReadTagTests): tags are left out there.</summary>
    private static string HashOf(ResourceTypeDefinition type, CollectedResource resource) =>
        SourceWalker.Operations(type).Any(o => o.ToString() == "resourcegroupstaggingapi:GetResources")
            ? ConfigurationHash.Of(resource.Configuration, resource.Volatile)
            : resource.Hash;

    /// <summary>
    /// The effect of a refused call when an event causes a read: the resource is never deleted, and only attributes declared unknown are lost.
    /// </summary>
    public static async Task RefuseEachAsync(ITestOutputHelper output, EmulatedCollector aws, Collected collected, string service, string region)
    {
        var seed = Seeds.Value;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach (var resource in collected.Resources.GroupBy(r => r.Type).Select(ofType => ofType.ElementAt(random.Next(ofType.Count()))))
        {
            aws.Refusing.Forget();
            aws.Refusing.ReusesResults = true;
            var whole = await LookAsync(null);
            var attributes = whole.ShouldBeOfType<SingleCollectionResult.Found>(resource.Type).Resource;
            aws.Refusing.Called.ShouldNotBeEmpty();
            foreach (var call in aws.Refusing.Called)
            {
                foreach (var refusal in (Refusal[])[Refusal.Denied(call), Refusal.Any(call, oneIn: 1, random)])
                {
                    var seen = await LookAsync(refusal);

                    seen.ShouldNotBeOfType<SingleCollectionResult.Gone>($"{resource.Type} {refusal}");
                    if (seen is SingleCollectionResult.Found { Resource: var found })
                    {
                        Claimed(attributes, found).ShouldBeEmpty($"{resource.Type} {refusal}: {found.Configuration} instead of {attributes.Configuration}");
                    }
                }
            }

            aws.Refusing.ReusesResults = false;

            async Task<SingleCollectionResult> LookAsync(Refusal? refusal)
            {
                aws.Refusing.Now = refusal;
                try
                {
                    return await aws.CollectOneAsync(service, resource.Type, resource.Id, region);
                }
                finally
                {
                    aws.Refusing.Now = null;
                }
            }
        }
    }

    /// <summary>The attributes that differ without being declared unknown.</summary>
    private static IEnumerable<string> Claimed(CollectedResource whole, CollectedResource found) =>
        whole.Configuration.EnumerateObject().Concat(found.Configuration.EnumerateObject()).Select(a => a.Name).Distinct()
            .Where(name => name != "_unknown" && !ShippedCatalog.Instance.FindType(found.Type)!.Volatile.Contains(name))
            .Where(name => !found.Unknown.ContainsKey(name) && !(found.Unknown.ContainsKey("*") && found.Attribute(name) is null))
            // The emulator's ARN of a distribution lacks a colon; after a refused read, the ARN is computed from the id.
            .Where(name => (whole.Type, name) != ("AWS::CloudFront::Distribution", "ARN") && found.Attribute(name) != whole.Attribute(name));
}
