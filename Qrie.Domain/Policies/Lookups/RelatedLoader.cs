using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies.Lookups;

/// <summary>Loads the lookup results of policies before a batch is evaluated.</summary>
public sealed class RelatedLoader(IResourceStore resources)
{
    /// <summary>By resource (its ARN) and policy id; resources and policies without lookups are missing.</summary>
    public async Task<IReadOnlyDictionary<(string Arn, string PolicyId), LookupResults>> LoadAsync(
        Account account, IReadOnlyList<StoredResource> batch,
        Func<string, IReadOnlyList<ActivePolicy>> policiesOfType, DateTimeOffset now, CancellationToken cancel)
    {
        var related = new Dictionary<(string, string), LookupResults>();
        var answers = new Dictionary<Lookup, LookupResult>();
        foreach (var resource in batch)
        {
            foreach (var policy in policiesOfType(resource.Type).Where(p => p.Definition.Lookups.Count > 0))
            {
                var found = new Dictionary<string, RelatedResources>();
                var dependencies = new List<LookupDependency>();
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
                        // What was found exists; an empty result is reliable only if everything was covered.
                        code ??= answer.Found.Count == 0 && !answer.Covered ? UnknownReason.NotCovered : null;
                        dependencies.Add(new LookupDependency(asked, answer.Fingerprint));
                    }

                    found[lookup.Name] = new RelatedResources(code, [.. resourcesFound.Select(f => f.Configuration)]);
                }

                related[(resource.Arn, policy.PolicyId)] = new LookupResults(found, dependencies);
            }
        }

        return related;
    }
}

/// <summary>The lookup results of one policy for one resource.</summary>
public sealed record LookupResults(IReadOnlyDictionary<string, RelatedResources> Found, IReadOnlyList<LookupDependency> Dependencies);
