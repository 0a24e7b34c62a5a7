using System.Runtime.CompilerServices;
using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>
/// The steps of a service that are written in more than one place: the same call with the same parameters, such as the list of the clusters of which another
/// type lists the parts. A unit keeps their responses, so that it asks once. Of other steps with parameters of a row nothing is kept.
/// </summary>
internal static class RepeatedSteps
{
    private static readonly ConditionalWeakTable<ServiceDefinition, HashSet<SourceStep>> _known = [];

    public static IReadOnlySet<SourceStep> Of(ServiceDefinition service) => _known.GetValue(service, static s =>
        s.Resources.SelectMany(type => Sources(type).SelectMany(Steps).Select(step => (Key: $"{type.Scope} {KeyOf(step)}", Step: step)))
            .GroupBy(step => step.Key, step => step.Step)
            .Where(same => same.Count() > 1)
            .SelectMany(same => same)
            .ToHashSet());

    private static IEnumerable<CatalogSource> Sources(ResourceTypeDefinition type) =>
        type.Describe.Select(attribute => attribute.Source).Concat(type.List is null ? [] : [type.List]);

    private static IEnumerable<SourceStep> Steps(CatalogSource source) => source switch
    {
        SourceChain chain => chain.Links.SelectMany(Steps),
        SourceStep step => step.Describe.SelectMany(attribute => Steps(attribute.Source))
            .Concat(step is { Call: not null, Until: null, Batch: null } ? [step] : []),
        _ => [],
    };

    private static string KeyOf(SourceStep step) =>
        string.Join(
            ' ',
            step.With.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Expression?.Text ?? p.Literal.GetRawText()}")
                .Prepend($"{step.Call}"));
}
