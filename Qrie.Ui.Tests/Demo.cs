using System.Text.Json;
using Qrie.Tests.Emulator;

namespace Qrie.Ui.Tests;

/// <summary>The demo, for all tests. It starts with the first of them, while others run; tests leave what others read as it was.</summary>
public sealed class Demo : IAsyncLifetime
{
    private Task<ServiceProcess>? _service;

    public ValueTask InitializeAsync()
    {
        if (Requirements.MissingProgram("chromium") is null)
        {
            _service = ServiceProcess.StartAsync(ready: true, "--demo");
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>What REST answers.</summary>
    public async Task<JsonElement> GetAsync(string path) => await (await _service!).GetAsync(path);

    public async Task<Window> OpenAsync(Chromium chromium, string theme = "light", int width = 1280) =>
        await chromium.OpenAsync((await _service!).Address, theme, width);

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await (await _service).DisposeAsync();
        }
    }
}
