using System.Text;

namespace Qrie.Ui.Shared;

/// <summary>Builds addresses of pages and routes.</summary>
internal static class Address
{
    /// <summary>Leaves out what is null or empty.</summary>
    public static string Of(string path, params (string Name, string? Value)[] query)
    {
        var text = new StringBuilder(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in query)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }

    public static string Resource(string arn, string? accountService) => Of($"resources/{Uri.EscapeDataString(arn)}", ("in", accountService));
}
