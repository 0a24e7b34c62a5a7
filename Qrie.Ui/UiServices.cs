using Microsoft.Extensions.DependencyInjection;

namespace Qrie.Ui;

/// <summary>What the console's components need; the host adds <see cref="Api.IQrieApi"/>.</summary>
public static class UiServices
{
    public static IServiceCollection AddQrieUi(this IServiceCollection services) => services.AddScoped<Shared.Viewer>();
}
