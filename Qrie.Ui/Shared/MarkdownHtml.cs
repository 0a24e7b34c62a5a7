using Ganss.Xss;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Qrie.Ui.Shared;

/// <summary>
/// Markdown as HTML. Whoever may launch a policy writes its remediation, so HTML within is shown as text, and what comes out is reduced to elements and
/// addresses that cannot do anything.
/// </summary>
internal static class MarkdownHtml
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseAutoIdentifiers().Build();

    /// <param name="link">Where relative links lead; null: as they are.</param>
    public static string Render(string text, Func<string, string>? link)
    {
        var document = Markdown.Parse(text, s_pipeline);
        foreach (var inline in document.Descendants<LinkInline>().Where(l => link is not null && IsRelative(l.Url)))
        {
            inline.Url = link!(inline.Url!);
        }

        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "code", "pre", "em", "strong", "a", "table", "thead", "tbody", "tr", "th", "td",
                "blockquote", "br", "hr",
            },
            AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "id" },
            AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "https", "http" },
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
        });
        sanitizer.PostProcessNode += (_, e) =>
        {
            if (e.Node is AngleSharp.Dom.IElement { LocalName: "a" } anchor && anchor.GetAttribute("href")?.Contains("://", StringComparison.Ordinal) == true)
            {
                anchor.SetAttribute("rel", "noreferrer noopener");
                anchor.SetAttribute("target", "_blank");
            }
            else if (e.Node is AngleSharp.Dom.IElement { LocalName: "pre" } block)
            {
                block.SetAttribute("tabindex", "0"); // it may be scrolled
            }
        };
        return sanitizer.Sanitize(document.ToHtml(s_pipeline));
    }

    private static bool IsRelative(string? url) => url is { Length: > 0 } && !url.Contains(':', StringComparison.Ordinal) && url[0] is not ('/' or '#');
}
