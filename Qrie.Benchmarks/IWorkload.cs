namespace Qrie.Benchmarks;

/// <summary>Something measured.</summary>
internal interface IWorkload
{
    /// <summary>The word on the command line.</summary>
    string Name { get; }

    /// <summary>One line for the usage text.</summary>
    string Description { get; }

    /// <summary>Measures and writes figures; returns the process's exit code.</summary>
    Task<int> RunAsync(string[] args, FigureWriter figures);
}
