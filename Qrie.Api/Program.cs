return await Qrie.Api.Hosting.QrieHost.RunAsync(args);
