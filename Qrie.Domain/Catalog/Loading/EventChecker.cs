using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Catalog.Typing;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Checks the event names of a service file against the operations of its APIs: a name that no operation sends is wrong or outdated.</summary>
internal sealed class EventChecker(IOperationShapes shapes, CloudTrailNames names, CatalogErrors errors)
{
    public void Check(ServiceDefinition service, IReadOnlyList<DeclaredEvent> stated, SourceNode at)
    {
        var apis = service.Apis.Select(api => (Name: api, Facts: shapes.FindApi(api))).ToList();
        foreach (var (api, _) in apis.Where(api => api.Facts is null && api.Name != service.Key))
        {
            errors.Add(at, $"There is no API '{api}'.", "Write names of files of aws/models.");
        }

        if (apis.TrueForAll(api => api.Facts is null))
        {
            return; // a service without a model
        }

        var sent = apis.Where(api => api.Facts is not null).SelectMany(api => Changes(api.Name, api.Facts!)).Concat(names.Others).ToHashSet();
        foreach (var one in stated)
        {
            CheckSent(new EventKey(one.Source ?? service.EventSource, one.Name), sent, one.At);
        }

        CheckContradictions(service, stated, sent);
    }

    private IEnumerable<EventKey> Changes(string api, ApiFacts facts) =>
        facts.Operations.Where(operation => !EventKey.IsRead(operation))
            .SelectMany(operation => names.Of(new ServiceOperation(api, operation), shapes.SigningNameOf(api)!));

    private void CheckSent(EventKey key, HashSet<EventKey> sent, SourceNode at)
    {
        if (sent.All(known => known.Source != key.Source))
        {
            // A rule may name another service's source.
            var others = names.Sources.Where(pair => pair.Value == key.Source).Select(pair => pair.Key).Append(key.Source.Split('.')[0]);
            foreach (var (api, facts) in others.Select(api => (api, shapes.FindApi(api))).Where(pair => pair.Item2 is not null))
            {
                sent.UnionWith(Changes(api, facts!));
            }
        }

        if (sent.Any(known => known.Source == key.Source && Wildcard.Matches(key.Name, known.Name)))
        {
            return;
        }

        var near = Nearest.To(key.Name, sent.Where(known => known.Source == key.Source).Select(known => known.Name));
        errors.Add(at, $"No changing operation sends the event '{key.Name}' from {key.Source}.",
            near is null ? "See aws/models for the operations, and aws/events.yaml for those whose events have other names." : $"Did you mean '{near}'?");
    }

    private void CheckContradictions(ServiceDefinition service, IReadOnlyList<DeclaredEvent> stated, HashSet<EventKey> sent)
    {
        var index = new EventIndex([service]);
        foreach (var key in sent.Where(key => index.Contradictions(key).Count > 0).OrderBy(key => key.Name, StringComparer.Ordinal))
        {
            var at =
                stated.First(one => one.Reason is not null && (one.Source ?? service.EventSource) == key.Source && Wildcard.Matches(one.Name, key.Name)).At;
            errors.Add(
                at, $"The event '{key.Name}' is claimed by a type and irrelevant, too.", "Narrow one of the two; a name that is written out beats a pattern.");
        }
    }
}
