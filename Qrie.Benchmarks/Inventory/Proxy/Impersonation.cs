using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Qrie.Benchmarks.Inventory.Proxy;

/// <summary>
/// Serves the recorded account under any other id: a role that is assumed in an account gives a key from which the account can be seen, and in requests and
/// answers the ids, which are of equal length, are exchanged.
/// </summary>
/// <param name="recorded">The account of the emulator's content.</param>
internal sealed partial class Impersonation(string recorded)
{
    private const string KeyPrefix = "ASIAQRIE";

    /// <summary>The answer to a request that assumes a role; null for any other request.</summary>
    public static ProxiedAnswer? FindSession(ProxiedRequest request)
    {
        if (!request.Scope.EndsWith("/sts", StringComparison.Ordinal)
            || AssumedRole().Match(Encoding.UTF8.GetString(request.Body)) is not { Success: true } role)
        {
            return null;
        }

        var account = role.Groups[1].Value;
        var until = TimeProvider.System.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var body =
            $"""
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
            <Credentials><AccessKeyId>{KeyPrefix}{account}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
            <Expiration>{until}</Expiration></Credentials>
            <AssumedRoleUser><AssumedRoleId>AROAQRIE:qrie</AssumedRoleId><Arn>arn:aws:sts::{account}:assumed-role/QrieReadOnly/qrie</Arn></AssumedRoleUser>
            </AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>
            """;
        return new ProxiedAnswer(200, [("Content-Type", "text/xml")], Encoding.UTF8.GetBytes(body));
    }

    public string AccountOf(ProxiedRequest request) =>
        request.AccessKey.StartsWith(KeyPrefix, StringComparison.Ordinal) ? request.AccessKey[KeyPrefix.Length..] : recorded;

    public ProxiedRequest ToRecorded(ProxiedRequest request, string account) => account == recorded ? request : request with
    {
        Target = request.Target.Replace(account, recorded, StringComparison.Ordinal),
        Body = Exchange(request.Body, account, recorded),
        Headers = [.. request.Headers.Select(h => (h.Name, h.Value.Replace(account, recorded, StringComparison.Ordinal)))],
    };

    public ProxiedAnswer ToCaller(ProxiedAnswer answer, string account) =>
        account == recorded ? answer : answer with { Body = Exchange(answer.Body, recorded, account) };

    private static byte[] Exchange(byte[] text, string from, string to)
    {
        Span<byte> sought = stackalloc byte[from.Length];
        Encoding.ASCII.GetBytes(from, sought);
        var at = text.AsSpan().IndexOf(sought);
        if (at < 0)
        {
            return text;
        }

        var exchanged = text.ToArray();
        while (at >= 0)
        {
            Encoding.ASCII.GetBytes(to, exchanged.AsSpan(at));
            var next = exchanged.AsSpan(at + to.Length).IndexOf(sought);
            at = next < 0 ? -1 : at + to.Length + next;
        }

        return exchanged;
    }

    [GeneratedRegex("Action=AssumeRole&.*RoleArn=arn%3Aaws%3Aiam%3A%3A([0-9]{12})%3A", RegexOptions.IgnoreCase)]
    private static partial Regex AssumedRole();
}
