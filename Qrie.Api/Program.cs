return await Qrie.Api.Cli.CommandLine.RunAsync(args);
