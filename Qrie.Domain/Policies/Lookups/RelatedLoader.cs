using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies.Lookups;

/// <summary>Loads what policies look up about other resources, before a batch is judged.</summary>
public sealed class RelatedLoader(IResourceStore resources)
{
    /// <summary>By resource (its ARN) and policy id; resources and policies without lookups are missing.</summary>
    public async Task<IReadOnlyDictionary<(string Arn, string PolicyId), RelatedToOne>> LoadAsync(
        Account account, IReadOnlyList<StoredResource> batch,
        Func<string, IReadOnlyList<ActivePolicy>> policiesOfType, DateTimeOffset now, CancellationToken cancel)
    {
        var related = new Dictionary<(string, string), RelatedToOne>();
        var answers = new Dictionary<Lookup, LookupAnswer>();
        foreach (var resource in batch)
        {
            foreach (var policy in policiesOfType(resource.Type).Where(p => p.Definition.Lookups.Count > 0))
            {
                var found = new Dictionary<string, RelatedResources>();
                var lookedUp = new List<LookedUp>();
                foreach (var lookup in policy.Definition.Lookups)
                {
                    // What a lookup searches for may be what those before it found.
                    var (values, reason) = LookupValues.Read(lookup.EqualTo, policy.InputOf(resource, account, now) with { Related = found });
                    var resourcesFound = new List<FoundResource>();
                    var code = reason?.Code;
                    foreach (var value in values)
                    {
                        var asked = new Lookup(lookup.Type, lookup.Key.Text, value, lookup.AcrossOrganization ? null : account.AccountId);
                        if (!answers.TryGetValue(asked, out var answer))
                        {
                            answers[asked] = answer = await resources.LookUpAsync(account.Organization, asked, cancel);
                        }

                        resourcesFound.AddRange(answer.Found);
                        // What was found is there; what was not found may be where nobody looked.
                        code ??= answer.Found.Count == 0 && !answer.Covered ? UnknownReason.NotCovered : null;
                        lookedUp.Add(new LookedUp(asked, answer.Fingerprint));
                    }

                    found[lookup.Name] = new RelatedResources(code, [.. resourcesFound.Select(f => f.Configuration)]);
                }

                related[(resource.Arn, policy.PolicyId)] = new RelatedToOne(found, lookedUp);
            }
        }

        return related;
    }
}

/// <summary>What one policy looked up for one resource.</summary>
public sealed record RelatedToOne(IReadOnlyDictionary<string, RelatedResources> Found, IReadOnlyList<LookedUp> LookedUp);
