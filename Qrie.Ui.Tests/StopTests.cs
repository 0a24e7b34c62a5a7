using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Qrie.Tests.Api;
using Qrie.Ui.Api;

namespace Qrie.Ui.Tests;

/// <summary>A service that stops while somebody looks.</summary>
public sealed class StopTests(Chromium chromium)
{
    /// <summary>The pages that are open here read again every four and five seconds.</summary>
    private static readonly TimeSpan s_refreshed = TimeSpan.FromSeconds(7);

    [BrowserFact]
    public async Task Stopping_with_open_pages_logs_no_error()
    {
        using var errors = new Errors();
        var qrie = await RunningQrie.StartAsync(adjust: builder => builder.Logging.AddProvider(errors));
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        try
        {
            await window.GoAsync("scans");
        }
        finally
        {
            await qrie.DisposeAsync();
        }

        for (var waited = Stopwatch.StartNew(); waited.Elapsed < s_refreshed && errors.Lines.IsEmpty;)
        {
            await Task.Delay(100);
        }

        errors.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_of_a_page_after_the_stop_is_a_cancelled_one()
    {
        var qrie = await RunningQrie.StartAsync();
        await using var page = qrie.Services.CreateAsyncScope();
        ((IHostEnvironmentAuthenticationStateProvider)page.ServiceProvider.GetRequiredService<AuthenticationStateProvider>())
            .SetAuthenticationState(Task.FromResult(new AuthenticationState(new System.Security.Claims.ClaimsPrincipal())));
        var api = page.ServiceProvider.GetRequiredService<IQrieApi>();
        (await api.SendAsync(HttpMethod.Get, "/health/live", null, "application/json", default)).Status.ShouldBe(200);

        await qrie.DisposeAsync();

        await Should.ThrowAsync<OperationCanceledException>(
            async () => await api.SendAsync(HttpMethod.Get, "/health/live", null, "application/json", default));
    }

    /// <summary>The entries that an operator would have to look at.</summary>
    private sealed class Errors : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }
    }
}
