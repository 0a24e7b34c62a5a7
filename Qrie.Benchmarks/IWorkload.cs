namespace Qrie.Benchmarks;

/// <summary>A workload to be measured.</summary>
internal interface IWorkload
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>A line for the usage text.</summary>
    string Description { get; }

    /// <summary>Measures and writes figures; returns the process's exit code.</summary>
    Task<int> RunAsync(string[] args, FigureWriter figures);
}
