using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>What became of a row: exactly one of the four.</summary>
internal abstract record Described
{
    private Described()
    {
    }

    public sealed record Found(CollectedResource Resource, IReadOnlyList<Trouble> Troubles) : Described;

    /// <summary>It was deleted while it was being described.</summary>
    public sealed record Gone(string Id, DateTimeOffset At) : Described;

    /// <summary><c>where</c> says that it is none.</summary>
    public sealed record NotOne : Described;

    /// <summary>It has no identity.</summary>
    public sealed record Broken(Trouble Trouble) : Described;
}

/// <summary>Makes resources of a type out of rows.</summary>
internal sealed class ResourceDescriber(
    UnitContext unit, ResourceTypeDefinition type, SourceRunner runner, ExpressionEvaluator evaluator, ExistenceCheck existence, TimeProvider clock)
{
    /// <param name="rows">Rows of one page or batch; they share calls where the catalog says so.</param>
    /// <param name="askedId">The id by which one resource was asked for; null in a scan.</param>
    public async Task<IReadOnlyList<Described>> DescribeAsync(IReadOnlyList<ListedRow> rows, string? askedId)
    {
        var results = new Described?[rows.Count];
        var open = new List<(int Index, Subject Subject)>();
        for (var i = 0; i < rows.Count; i++)
        {
            var (subject, result) = Begin(rows[i], askedId);
            results[i] = result;
            if (result is null)
            {
                open.Add((i, subject));
            }
        }

        await DescribeAsync([.. open.Select(entry => entry.Subject)]);
        await Task.WhenAll(open.Select(async entry => results[entry.Index] = await FinishAsync(entry.Subject)));
        return [.. results.Select(result => result!)];
    }

    /// <summary>Whether a row is the resource of this id or ARN, as far as the row alone tells.</summary>
    public bool IsAskedFor(ListedRow row, string idOrArn)
    {
        var subject = NewSubject(row, null);
        subject.Id = Id(subject).Value is { Kind: JmesKind.String } id ? id.GetString() : null;
        return subject.Id == idOrArn || (evaluator.Arn(subject).Value is { Kind: JmesKind.String } arn && arn.GetString() == idOrArn);
    }

    private Subject NewSubject(ListedRow row, string? askedId)
    {
        var subject = new Subject(row.Value, unit.CallRegion) { AskedId = askedId, ArnTemplate = type.Arn };
        if (row.SentAt != DateTimeOffset.MaxValue)
        {
            subject.Touch(row.SentAt);
        }

        foreach (var (attribute, trouble) in row.Troubles)
        {
            subject.Fail(attribute, trouble with { Kind = null });
        }

        return subject;
    }

    private (Subject Subject, Described? Result) Begin(ListedRow row, string? askedId)
    {
        var subject = NewSubject(row, askedId);
        if (row.Value.Kind is not JmesKind.Object)
        {
            return (subject, new Described.Broken(new Trouble(Trouble.EvaluationError, $"A row of {type.Type} is not an object.")));
        }

        var id = Id(subject);
        if (id.Value.Kind is not JmesKind.String || id.Value.GetString().Length == 0)
        {
            return (subject, new Described.Broken(id.Trouble ?? new Trouble(Trouble.EvaluationError, $"A row of {type.Type} has no id.")));
        }

        subject.Id = id.Value.GetString();
        return (subject, WhereReadsOnlyRow(row.Value) && !IsOne(subject) ? new Described.NotOne() : null);
    }

    private Outcome Id(Subject subject)
    {
        if (type.IsSingleton)
        {
            return new Outcome(JmesValue.FromString(type.Scope is ResourceScope.Global ? unit.AccountId : unit.Unit.Region));
        }

        var id = evaluator.Evaluate(type.Id!, subject.Row, RowScope(subject));
        return id.Value.Kind is JmesKind.Number ? new Outcome(JmesValue.FromString(id.Value.ToString())) : id;
    }

    private async Task DescribeAsync(IReadOnlyList<Subject> subjects)
    {
        if (type.Region is not null)
        {
            await runner.DescribeAsync(type.Plan, subjects, planned => planned.BeforeRegion);
            foreach (var subject in subjects)
            {
                // A region that could not be read leaves the home region: the attribute it comes from is unknown already.
                if (evaluator.Evaluate(type.Region, subject.Value, RowScope(subject)).Value is { Kind: JmesKind.String } region)
                {
                    subject.Region = region.GetString();
                    subject.LivesIn = subject.Region;
                }
            }
        }

        await runner.DescribeAsync(type.Plan, subjects, planned => type.Region is null || !planned.BeforeRegion);
    }

    private async Task<Described> FinishAsync(Subject subject)
    {
        if (subject.GoneSuspicion is { } suspicion && !type.IsSingleton
            && await existence.IsGoneAsync(type, subject, suspicion) is { } at)
        {
            return new Described.Gone(subject.Id!, at);
        }

        if (!IsOne(subject))
        {
            return new Described.NotOne();
        }

        var arn = Arn(subject);
        return arn.Value.Kind is JmesKind.String
            ? new Described.Found(Resource(subject, arn.Value.GetString()), [.. subject.Failures.Select(failure => failure.Trouble)])
            : new Described.Broken(arn.Trouble ?? new Trouble(Trouble.EvaluationError, $"{type.Type} {subject.Id} has no ARN."));
    }

    private CollectedResource Resource(Subject subject, string arn)
    {
        var unknown = subject.Unknown.ToDictionary(StringComparer.Ordinal);
        var (tags, trouble) = TagReader.Read(type, subject, evaluator);
        if (trouble is not null)
        {
            unknown.TryAdd("Tags", trouble.Code);
        }

        var configuration = ConfigurationWriter.Write(subject.Value, unknown);
        return new CollectedResource
        {
            AccountId = unit.AccountId,
            Service = unit.Service.Key,
            Type = type.Type,
            Arn = arn,
            Id = subject.Id!,
            Region = subject.LivesIn ?? unit.Unit.Region,
            ListedIn = unit.Unit.Region,
            Tags = tags,
            Configuration = configuration,
            Unknown = unknown.Where(attribute => ConfigurationWriter.IsStored(attribute.Key)).ToDictionary(),
            Hash = ConfigurationHash.Of(configuration, type.Volatile),
            Volatile = type.Volatile,
            DescribeTime = subject.OldestSentAt ?? clock.GetUtcNow(),
        };
    }

    private Outcome Arn(Subject subject)
    {
        if (!type.IsSingleton || type.Arn is not null)
        {
            return evaluator.Arn(subject);
        }

        var region = type.Scope is ResourceScope.Global ? "" : unit.Unit.Region;
        return new Outcome(JmesValue.FromString($"arn:{unit.Partition}:{unit.Service.Key}:{region}:{unit.AccountId}:settings"));
    }

    /// <summary>What cannot be decided is kept: the list says that it exists.</summary>
    private bool IsOne(Subject subject)
    {
        if (type.Where is null)
        {
            return true;
        }

        var outcome = evaluator.Evaluate(type.Where, subject.Value, RowScope(subject));
        return outcome.Trouble is not null || outcome.Value.IsTruthy;
    }

    /// <summary>Whether <c>where</c> can be asked before anything is described.</summary>
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

    private static Scope RowScope(Subject subject) => new(subject.Region, subject, Unknown: subject.Unknown, AskedId: subject.AskedId);
}
