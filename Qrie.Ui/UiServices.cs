using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Ui.Shared;

namespace Qrie.Ui;

/// <summary>What the console's components need; the host adds <see cref="Api.IQrieApi"/>.</summary>
public static class UiServices
{
    public static IServiceCollection AddQrieUi(this IServiceCollection services) => services
        .AddScoped<Viewer>()
        .AddScoped<FilterChoices>()
        .AddScoped<Connection>()
        .AddScoped<CircuitHandler>(p => p.GetRequiredService<Connection>());
}
