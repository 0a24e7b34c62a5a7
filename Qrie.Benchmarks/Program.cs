using Qrie.Benchmarks;
using Qrie.Benchmarks.Alerts;
using Qrie.Benchmarks.Api;
using Qrie.Benchmarks.Catalogs;
using Qrie.Benchmarks.Crash;
using Qrie.Benchmarks.Inventory;
using Qrie.Benchmarks.Inventory.Proxy;
using Qrie.Benchmarks.JmesPath;
using Qrie.Benchmarks.Lists;
using Qrie.Benchmarks.Observability;
using Qrie.Benchmarks.Policies;
using Qrie.Benchmarks.Scans;
using Qrie.Benchmarks.Summaries;
using Qrie.Benchmarks.WebConsole;

// One line per workload; each has its own file.
IWorkload[] workloads =
[
    new AlertsWorkload(),
    new ApiWorkload(),
    new ArchiveWorkload(),
    new CatalogWorkload(),
    new ClicksWorkload(),
    new ConsoleWorkload(),
    new DocumentsWorkload(),
    new DynamoCostWorkload(),
    new ExportWorkload(),
    new FindingsWorkload(),
    new InventoryWorkload(),
    new JmesPathWorkload(),
    new PreviewWorkload(),
    new ProxyWorkload(),
    new ScanWorkload(),
    new SoakWorkload(),
    new SummaryWorkload(),
    new TracingWorkload(),
];

if (args.Length > 0 && workloads.FirstOrDefault(w => w.Name == args[0]) is { } workload)
{
    return await workload.RunAsync(args[1..], new FigureWriter(Console.Out));
}

Console.Error.WriteLine("usage: dotnet run -c Release --project Qrie.Benchmarks -- <workload> [options]");
foreach (var known in workloads)
{
    Console.Error.WriteLine($"  {known.Name,-16} {known.Description}");
}

return 2;
