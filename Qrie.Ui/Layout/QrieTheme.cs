using MudBlazor;

namespace Qrie.Ui.Layout;

/// <summary>The colours of MudBlazor's components, the same as in qrie.css.</summary>
internal static class QrieTheme
{
    public static readonly MudTheme Theme = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2f5bd7",
            Background = "#f6f7f9",
            Surface = "#ffffff",
            TextPrimary = "#171b21",
            TextSecondary = "#566070",
            ActionDefault = "#566070",
            Divider = "#e2e6eb",
            LinesDefault = "#e2e6eb",
            LinesInputs = "#b6bec9",
            TableLines = "#e2e6eb",
            Success = "#14663a",
            Error = "#b3261e",
            Warning = "#9a5b00",
            Info = "#2f5bd7",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8fb0ff",
            Background = "#0e1217",
            Surface = "#161b22",
            TextPrimary = "#e4e8ee",
            TextSecondary = "#9ba6b5",
            ActionDefault = "#9ba6b5",
            Divider = "#2a323d",
            LinesDefault = "#2a323d",
            LinesInputs = "#465262",
            TableLines = "#2a323d",
            Success = "#5fce8c",
            Error = "#ff8a80",
            Warning = "#f2b25c",
            Info = "#8fb0ff",
            PrimaryContrastText = "#0e1217",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = ["Inter", "system-ui", "sans-serif"], FontSize = "0.8125rem" },
        },
    };
}
