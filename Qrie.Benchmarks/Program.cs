Console.Error.WriteLine("usage: dotnet run -c Release --project Qrie.Benchmarks -- <workload>");
return 2;
