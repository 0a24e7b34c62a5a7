using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The result for a row: exactly one of the four.</summary>
internal abstract record Described
{
    private Described()
    {
    }

    public sealed record Found(CollectedResource Resource, IReadOnlyList<CollectionError> Errors) : Described;

    /// <summary>It was deleted while it was being described.</summary>
    public sealed record Gone(string Id, DateTimeOffset At) : Described;

    /// <summary>Excluded by <c>where</c>.</summary>
    public sealed record NotOne : Described;

    /// <summary>Its identity could not be determined.</summary>
    public sealed record Broken(CollectionError Error) : Described;
}

/// <summary>Converts rows to resources of a type.</summary>
internal sealed class ResourceDescriber(
    UnitContext unit, ResourceTypeDefinition type, SourceRunner runner, ExpressionEvaluator evaluator, ExistenceCheck existence, TimeProvider clock)
{
    /// <param name="rows">Rows of one page or batch, which share calls where the catalog allows it.</param>
    /// <param name="requestedId">The requested id; null in a scan.</param>
    public async Task<IReadOnlyList<Described>> DescribeAsync(IReadOnlyList<ListedRow> rows, string? requestedId)
    {
        var results = new Described?[rows.Count];
        var open = new List<(int Index, ResourceContext Context)>();
        for (var i = 0; i < rows.Count; i++)
        {
            var (context, result) = Begin(rows[i], requestedId);
            results[i] = result;
            if (result is null)
            {
                open.Add((i, context));
            }
        }

        await DescribeAsync([.. open.Select(entry => entry.Context)]);
        await Task.WhenAll(open.Select(async entry => results[entry.Index] = await FinishAsync(entry.Context)));
        return [.. results.Select(result => result!)];
    }

    /// <summary>Whether a row is the resource with this id or ARN, as far as the row shows.</summary>
    public bool IsRequested(ListedRow row, string idOrArn)
    {
        var context = NewContext(row, null);
        context.Id = Id(context).Value is { Kind: JmesKind.String } id ? id.GetString() : null;
        return context.Id == idOrArn || (evaluator.Arn(context).Value is { Kind: JmesKind.String } arn && arn.GetString() == idOrArn);
    }

    private ResourceContext NewContext(ListedRow row, string? requestedId)
    {
        var context = new ResourceContext(row.Value, unit.CallRegion) { RequestedId = requestedId, ArnTemplate = type.Arn };
        if (row.SentAt != DateTimeOffset.MaxValue)
        {
            context.Touch(row.SentAt);
        }

        foreach (var (attribute, problem) in row.Errors)
        {
            context.Fail(attribute, problem with { Kind = null });
        }

        return context;
    }

    private (ResourceContext Context, Described? Result) Begin(ListedRow row, string? requestedId)
    {
        var context = NewContext(row, requestedId);
        if (row.Value.Kind is not JmesKind.Object)
        {
            return (context, new Described.Broken(new CollectionError(CollectionError.EvaluationError, $"A row of {type.Type} is not an object.")));
        }

        var id = Id(context);
        if (id.Value.Kind is not JmesKind.String || id.Value.GetString().Length == 0)
        {
            return (context, new Described.Broken(id.Error ?? new CollectionError(CollectionError.EvaluationError, $"A row of {type.Type} has no id.")));
        }

        context.Id = id.Value.GetString();
        return (context, WhereReadsOnlyRow(row.Value) && !IsOne(context) ? new Described.NotOne() : null);
    }

    private Outcome Id(ResourceContext context)
    {
        if (type.IsSingleton)
        {
            return new Outcome(JmesValue.FromString(type.Scope is ResourceScope.Global ? unit.AccountId : unit.Unit.Region));
        }

        var id = evaluator.Evaluate(type.Id!, context.Row, RowScope(context));
        return id.Value.Kind is JmesKind.Number ? new Outcome(JmesValue.FromString(id.Value.ToString())) : id;
    }

    private async Task DescribeAsync(IReadOnlyList<ResourceContext> contexts)
    {
        if (type.Region is not null)
        {
            await runner.DescribeAsync(type.Plan, contexts, planned => planned.BeforeRegion);
            foreach (var context in contexts)
            {
                // If the region could not be read, the home region is used: the attribute that it depends on is unknown anyway.
                if (evaluator.Evaluate(type.Region, context.Value, RowScope(context)).Value is { Kind: JmesKind.String } region)
                {
                    context.Region = region.GetString();
                    context.LivesIn = context.Region;
                }
            }
        }

        await runner.DescribeAsync(type.Plan, contexts, planned => type.Region is null || !planned.BeforeRegion);
    }

    private async Task<Described> FinishAsync(ResourceContext context)
    {
        if (context.GoneSuspicion is { } suspicion && !type.IsSingleton
            && await existence.IsGoneAsync(type, context, suspicion) is { } at)
        {
            return new Described.Gone(context.Id!, at);
        }

        if (!IsOne(context))
        {
            return new Described.NotOne();
        }

        var arn = Arn(context);
        return arn.Value.Kind is JmesKind.String
            ? new Described.Found(Resource(context, arn.Value.GetString()), [.. context.Failures.Select(failure => failure.Error)])
            : new Described.Broken(arn.Error ?? new CollectionError(CollectionError.EvaluationError, $"{type.Type} {context.Id} has no ARN."));
    }

    private CollectedResource Resource(ResourceContext context, string arn)
    {
        var unknown = context.Unknown.ToDictionary(StringComparer.Ordinal);
        var (tags, problem) = TagReader.Read(type, context, evaluator);
        if (problem is not null)
        {
            unknown.TryAdd("Tags", problem.Code);
        }

        var configuration = ConfigurationWriter.Write(context.Value, unknown);
        return new CollectedResource
        {
            AccountId = unit.AccountId,
            Service = unit.Service.Key,
            Type = type.Type,
            Arn = arn,
            Id = context.Id!,
            Region = context.LivesIn ?? unit.Unit.Region,
            ListedIn = unit.Unit.Region,
            Tags = tags,
            Configuration = configuration,
            Unknown = unknown.Where(attribute => ConfigurationWriter.IsStored(attribute.Key)).ToDictionary(),
            Hash = ConfigurationHash.Of(configuration, type.Volatile, TagReader.AreHidden(type) ? tags : null),
            Volatile = type.Volatile,
            DescribeTime = context.OldestSentAt ?? clock.GetUtcNow(),
        };
    }

    private Outcome Arn(ResourceContext context)
    {
        if (!type.IsSingleton || type.Arn is not null)
        {
            return evaluator.Arn(context);
        }

        var region = type.Scope is ResourceScope.Global ? "" : unit.Unit.Region;
        return new Outcome(JmesValue.FromString($"arn:{unit.Partition}:{unit.Service.Key}:{region}:{unit.AccountId}:settings"));
    }

    /// <summary>If this cannot be evaluated the resource is included, because the list contains it.</summary>
    private bool IsOne(ResourceContext context)
    {
        if (type.Where is null)
        {
            return true;
        }

        var outcome = evaluator.Evaluate(type.Where, context.Value, RowScope(context));
        return outcome.Error is not null || outcome.Value.IsTruthy;
    }

    /// <summary>Whether <c>where</c> can be evaluated before anything is described.</summary>
    private bool WhereReadsOnlyRow(JmesValue row)
    {
        if (type.Where is null)
        {
            return false;
        }

        var reads = type.Where.StaticReads();
        var late = type.Describe.Select(attribute => attribute.Name).ToHashSet();
        return !reads.Whole && !type.Where.Variables.Contains("self")
            && reads.Members.All(member => !late.Contains(member) && (!late.Contains(AttributeDefinition.Merged) || row.TryGetMember(member, out _)));
    }

    private static Scope RowScope(ResourceContext context) => new(context.Region, context, Unknown: context.Unknown, RequestedId: context.RequestedId);
}
