using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The calls of one unit: paged, limited in number, and cached if several resources need the same response.</summary>
internal sealed class UnitCalls(IAwsApi api, ModelCatalog models, AwsPrincipal principal, TimeProvider clock, CancellationToken cancel) : IDisposable
{
    /// <summary>The API engine limits calls per account, region and service; this limits only the memory of one unit.</summary>
    private const int MaxInFlight = 32;

    private static readonly TimeSpan _pollEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pollFor = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _inFlight = new(MaxInFlight);
    private readonly ConcurrentDictionary<string, Lazy<Task<CallResult>>> _shared = new();
    private readonly ConcurrentDictionary<(string Service, string Operation, string Region), AwsResult> _refused = new();

    public void Dispose() => _inFlight.Dispose();

    /// <summary>
    /// Whether a response lacks the structure that a step selects. The engine checks lists; a missing structure is null for most steps, but an error for one
    /// that reads the resource itself.
    /// </summary>
    public bool IsWithoutSelected(SourceStep step, JmesValue content)
    {
        if (step is not { Call: { } call, Select: { } select } || select.StaticReads() is not { Whole: false, Members: { Count: > 0 } names })
        {
            return false;
        }

        var output = models.FindOperation(call.Service, call.Operation)?.Output;
        return names.All(name => output?.FindMember(name) is { Shape.Kind: ShapeKind.Structure }
            && (!content.TryGetMember(name, out var value) || value.IsNull));
    }

    /// <summary>The pages of a call as they arrive; after an error there are no more.</summary>
    public async IAsyncEnumerable<AwsResult> PagesAsync(
        ServiceOperation operation, string region, JsonElement parameters, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var call = new AwsCall(principal, region, operation.Service, operation.Operation, parameters);
        await using var pages = new Limited(api, _inFlight, _refused).PagesAsync(call, models, cancel).GetAsyncEnumerator(stop);
        while (true)
        {
            AwsResult response;
            try
            {
                if (!await pages.MoveNextAsync())
                {
                    yield break;
                }

                response = pages.Current;
            }
            catch (AwsCallException wrong)
            {
                // An invalid call in a user's catalog must not fail the rest of the unit.
                response = AwsResult.Failure(
                    new AwsError(AwsErrorKind.Other, "InvalidCall", wrong.Message, operation.Service, operation.Operation), clock.GetUtcNow());
            }

            yield return response;
            if (response.Error is not null)
            {
                yield break;
            }
        }
    }

    /// <summary>All pages, merged.</summary>
    public async Task<CallResult> AllAsync(ServiceOperation operation, string region, JsonElement parameters)
    {
        var pages = new List<JmesValue>();
        DateTimeOffset? sentAt = null;
        await foreach (var page in PagesAsync(operation, region, parameters, cancel))
        {
            sentAt = sentAt is { } first && first < page.SentAt ? first : page.SentAt;
            if (page.Error is { } error)
            {
                return new CallResult(JmesValue.Null, error, sentAt.Value);
            }

            pages.Add(page.Content);
        }

        var pagination = models.FindOperation(operation.Service, operation.Operation)?.Pagination;
        return new CallResult(PageMerger.Merge(pages, pagination), null, sentAt!.Value);
    }

    /// <summary>The same, sent once per unit for equal parameters and region.</summary>
    public Task<CallResult> SharedAsync(ServiceOperation operation, string region, JsonElement parameters, Func<Task<CallResult>>? send = null)
    {
        var key = $"{operation} {region} {(parameters.ValueKind is JsonValueKind.Undefined ? "" : CanonicalJson.Write(parameters))}";
        return _shared.GetOrAdd(key, _ => new Lazy<Task<CallResult>>(send ?? (() => AllAsync(operation, region, parameters)))).Value;
    }

    /// <summary>Repeats a call until a response satisfies the condition, or a minute has passed.</summary>
    public async Task<CallResult> UntilAsync(ServiceOperation operation, string region, JsonElement parameters, Func<JmesValue, bool> ready)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var result = await AllAsync(operation, region, parameters);
            if (result.Error is not null || ready(result.Content))
            {
                return result;
            }

            if (clock.GetElapsedTime(began) + _pollEvery > _pollFor)
            {
                var error = new AwsError(
                    AwsErrorKind.Other, CollectionError.NotReady, $"{operation} was not ready after {_pollFor.TotalSeconds:0} s.",
                    operation.Service, operation.Operation);
                return new CallResult(JmesValue.Null, error, result.SentAt);
            }

            await Task.Delay(_pollEvery, clock, cancel);
        }
    }

    /// <summary>
    /// Takes a slot for one request, not for all pages: a slow list must not starve the describes that it feeds. What was refused for good is not asked again.
    /// </summary>
    private sealed class Limited(
        IAwsApi api, SemaphoreSlim places, ConcurrentDictionary<(string Service, string Operation, string Region), AwsResult> refused) : IAwsApi
    {
        public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
        {
            var operation = (call.Service, call.Operation, call.Region);
            if (refused.TryGetValue(operation, out var refusal))
            {
                return refusal;
            }

            await places.WaitAsync(cancel);
            try
            {
                if (refused.TryGetValue(operation, out refusal))
                {
                    return refusal;
                }

                var result = await api.CallAsync(call, cancel);
                if (result.Error is { IsForGood: true })
                {
                    refused.TryAdd(operation, result);
                }

                return result;
            }
            finally
            {
                places.Release();
            }
        }
    }
}
