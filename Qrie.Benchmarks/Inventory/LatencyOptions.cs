using System.Globalization;

namespace Qrie.Benchmarks.Inventory;

/// <summary>The options of <c>inventory --latency</c>.</summary>
internal sealed record LatencyOptions
{
    /// <summary>The time from a request to its answer.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>Another build, a file or the folder of one, measured in turns with this one; null for none.</summary>
    public string? Other { get; init; }

    /// <summary>A small account.</summary>
    public bool IsSmall { get; init; }

    /// <summary>The services that are read; empty for all.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>Inventories of each build.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>The accounts, all with the same content; 0 for the recorded one.</summary>
    public int Accounts { get; init; }

    /// <summary>More settings of the service.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public static LatencyOptions Parse(string[] args)
    {
        string? Find(string name) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : null;
        int Number(string name, int otherwise) => Find(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        return new LatencyOptions
        {
            Latency = TimeSpan.FromMilliseconds(Number("--latency", 40)),
            Other = Find("--binary") is { } path ? Directory.Exists(path) ? Path.Combine(path, "Qrie.Api.dll") : path : null,
            IsSmall = args.Contains("--small"),
            Services = args.Contains("--all") ? [] : Find("--services")?.Split(',') ?? ["s3", "ec2", "iam", "rds"],
            Regions = Find("--regions")?.Split(',') ?? ["us-east-1", "eu-west-1"],
            Runs = Number("--runs", 3),
            Accounts = Number("--accounts", 0),
            Settings = [.. args.Where(a => a.StartsWith("--", StringComparison.Ordinal) && a.Contains(':', StringComparison.Ordinal))],
        };
    }
}
