using Qrie.Tests.Emulator;

namespace Qrie.Ui.Tests;

/// <summary>The demo and a browser, for all tests of a collection. Tests leave what others read as it was.</summary>
[CollectionDefinition(Collection)]
public sealed class Demo : IAsyncLifetime, ICollectionFixture<Demo>
{
    public const string Collection = "Demo";

    public Chromium Chromium { get; } = new();

    public ServiceProcess Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Requirements.MissingProgram("chromium") is not null)
        {
            return; // its tests are skipped
        }

        await Chromium.InitializeAsync();
        Service = await ServiceProcess.StartAsync(ready: true, "--demo");
    }

    public Task<Window> OpenAsync(string theme = "light", int width = 1280) => Chromium.OpenAsync(Service.Address, theme, width);

    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        if (Service is not null)
        {
            await Service.DisposeAsync();
        }
    }
}
