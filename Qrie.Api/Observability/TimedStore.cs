using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using Qrie.Domain.Work;
using Qrie.Dynamo;
using Qrie.Sql;

namespace Qrie.Api.Observability;

/// <summary>
/// Measures the operations of a store: a proxy of its interface, so that no store knows of it. The labels are bounded by the methods of the interfaces, as many
/// as there are in the source. Stores are wrapped only if metrics are collected.
/// </summary>
internal class TimedStore : DispatchProxy
{
    public const string MeterName = "Qrie.Store";

    private static readonly Meter _meter = new(MeterName);
    private static readonly Histogram<double> _duration = _meter.CreateSeconds(
        "qrie.store.operation.duration", "An operation of a store, with waiting for other writers.",
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]);

    private readonly ConcurrentDictionary<MethodInfo, Operation> _operations = [];
    private object _store = null!;

    /// <summary>Wraps the registered stores.</summary>
    public static void Wrap(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, Lifetime: ServiceLifetime.Singleton, ServiceType.IsInterface: true, ImplementationType: { } type } store
                && (type.Assembly == typeof(SqlStores).Assembly || type.Assembly == typeof(DynamoStores).Assembly))
            {
                services[i] = ServiceDescriptor.Singleton(
                    store.ServiceType, p => Of(store.ServiceType, ActivatorUtilities.CreateInstance(p, type)));
            }
        }
    }

    private static TimedStore Of(Type port, object store)
    {
        var proxy = (TimedStore)Create(port, typeof(TimedStore));
        proxy._store = store;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var operation = _operations.GetOrAdd(targetMethod!, static method => new Operation(method));
        var began = TimeProvider.System.GetTimestamp();
        object? result;
        try
        {
            result = operation.Invoker.Invoke(_store, args.AsSpan());
        }
        catch (Exception e)
        {
            operation.Record(began, e);
            throw;
        }

        if (result is Task { IsCompleted: false } running)
        {
            // Registered before the caller's own continuation, so that what a caller awaited is measured.
            _ = running.ContinueWith(
                static (task, state) =>
                {
                    var (operation, began) = ((Operation, long))state!;
                    operation.Record(began, Failure(task));
                },
                (operation, began), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        else
        {
            operation.Record(began, result is Task ended ? Failure(ended) : null);
        }

        return result;
    }

    private static Exception? Failure(Task task) =>
        task.Exception?.InnerException ?? (task.IsCanceled ? new OperationCanceledException() : null);

    private sealed class Operation(MethodInfo method)
    {
        private readonly KeyValuePair<string, object?> _store = new("store", Meters.Label(StoreOf(method.DeclaringType!.Name)));
        private readonly KeyValuePair<string, object?> _name = new("operation", Meters.Label(WithoutEnd(method.Name, "Async")));

        public MethodInvoker Invoker { get; } = MethodInvoker.Create(method);

        public void Record(long began, Exception? failure)
        {
            var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            if (failure is null)
            {
                _duration.Record(seconds, _store, _name);
            }
            else
            {
                _duration.Record(seconds, _store, _name, new("error.type", failure.GetType().Name));
            }
        }

        /// <summary><c>IFindingStore</c> is <c>Finding</c>.</summary>
        private static string StoreOf(string port) => WithoutEnd(port[1..], "Store");

        private static string WithoutEnd(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : name;
    }
}
