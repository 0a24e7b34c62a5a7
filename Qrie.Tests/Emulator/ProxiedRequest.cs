using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Qrie.Aws.Api.Models;

namespace Qrie.Tests.Emulator;

/// <summary>A request as parsed by the <see cref="FaultProxy"/>.</summary>
public sealed class ProxiedRequest
{
    private static readonly Lazy<IReadOnlyList<ServiceModel>> _models = new(
        () => [.. EmulatedAws.Models.Services.Select(s => EmulatedAws.Models.FindService(s)!)]);

    private static readonly ConcurrentDictionary<string, Regex> _paths = new(StringComparer.Ordinal);

    private ProxiedRequest(HttpRequest request, byte[] body)
    {
        Method = request.Method;
        Path = request.Path.Value ?? "/";
        Query = request.QueryString.Value ?? "";
        Body = body;
        Headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);

        // AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, SignedHeaders=…
        if (Headers.TryGetValue("Authorization", out var authorization)
            && Regex.Match(authorization, "Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/") is { Success: true } scope)
        {
            (AccessKey, Region, SigningName) = (scope.Groups[1].Value, scope.Groups[2].Value, scope.Groups[3].Value);
        }
    }

    public string Method { get; }

    /// <summary>The path as sent, with escapes.</summary>
    public string Path { get; }

    /// <summary>The query with its question mark; empty for none.</summary>
    public string Query { get; }

    public byte[] Body { get; }

    public string BodyText => Encoding.UTF8.GetString(Body);

    public IReadOnlyDictionary<string, string> Headers { get; }

    public string? AccessKey { get; }

    /// <summary>The region of the signature; null if not signed.</summary>
    public string? Region { get; }

    /// <summary>The service's name in the signature; several services may share one.</summary>
    public string? SigningName { get; }

    /// <summary>The service name of the AWS CLI; null if not recognized.</summary>
    public string? Service { get; private set; }

    /// <summary>The operation; null if not recognized.</summary>
    public string? Operation { get; private set; }

    /// <summary>
    /// The account of the role of the request; the base account for other keys; null for a key of a role that was not assumed through this proxy.
    /// </summary>
    public string? AccountId { get; internal set; }

    /// <summary>When it arrived, on a monotonic clock.</summary>
    public TimeSpan At { get; internal set; }

    /// <summary>The status of the response; 0 if the connection was closed.</summary>
    public int Status { get; internal set; }

    /// <summary>Whether the response is that of a rule instead of the emulator's.</summary>
    public bool WasFaked { get; internal set; }

    internal ServiceModel? Model { get; private set; }

    /// <summary>Whether it is for a page after the first.</summary>
    public bool AsksForLaterPage =>
        Model?.FindOperation(Operation ?? "")?.Pagination is { } pages
        && pages.InputTokens.Any(token => Mentions(WireNameOf(token)));

    public override string ToString() => $"{Service ?? SigningName ?? "?"}:{Operation ?? $"{Method} {Path}{Query}"} ({AccountId ?? "?"}, {Region})";

    internal static async Task<ProxiedRequest> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancel);
        var result = new ProxiedRequest(request, body.ToArray());
        result.Recognise();
        return result;
    }

    private void Recognise()
    {
        var candidates = _models.Value.Where(m => (EmulatedAws.Models.Endpoints.SigningNameOf(m.Name) ?? m.SigningName) == SigningName).ToList();
        if (Headers.TryGetValue("X-Amz-Target", out var target))
        {
            var operation = target[(target.LastIndexOf('.') + 1)..];
            Set(candidates.FirstOrDefault(m => m.Knows(operation)), operation);
        }
        else if (BodyText.StartsWith("Action=", StringComparison.Ordinal))
        {
            var form = QueryHelpers.ParseQuery(BodyText);
            var (operation, version) = (form["Action"].ToString(), form["Version"].ToString());
            var versioned = candidates.Where(m => m.ApiVersion == version && m.Knows(operation)).ToList();
            Set(versioned.FirstOrDefault(m => m.Name == SigningName) ?? versioned.FirstOrDefault(), operation);
        }
        else
        {
            var best = candidates.Where(m => m.Protocol is WireProtocol.RestJson or WireProtocol.RestXml)
                .SelectMany(m => m.Operations.Select(o => (Model: m, Operation: o, Score: Fit(o))))
                .Where(c => c.Score >= 0)
                .OrderByDescending(c => c.Score)
                .FirstOrDefault();
            Set(best.Model, best.Operation?.Name);
        }
    }

    private void Set(ServiceModel? model, string? operation) => (Model, Service, Operation) = (model, model?.Name, operation);

    /// <summary>How well the request matches an operation's URI template, by the number of literal parts; -1 if it does not.</summary>
    private int Fit(Operation operation)
    {
        if (operation.Method != Method)
        {
            return -1;
        }

        var template = operation.Uri.Split('?', 2);
        if (!_paths.GetOrAdd(template[0], PathPattern).IsMatch(Path))
        {
            return -1;
        }

        var query = QueryHelpers.ParseQuery(Query);
        var score = template[0].Split('/').Count(part => part.Length > 0 && !part.StartsWith('{')) * 2;
        foreach (var part in template.Length < 2 ? [] : template[1].Split('&'))
        {
            var pair = part.Split('=', 2);
            if (!query.TryGetValue(pair[0], out var value) || (pair.Length == 2 && value != pair[1]))
            {
                return -1;
            }

            score += 3;
        }

        // GET /bucket is a list of objects, GET / one of buckets: the longer path is the better match.
        return score + template[0].Count(c => c == '{');
    }

    private static Regex PathPattern(string template) => new(
        "^" + Regex.Replace(Regex.Escape(template).Replace("}", "\\}"), @"\\\{[^}]*?(\\\+)?\\\}", m => m.Value.Contains('+') ? "(.+)" : "([^/]+)") + "/?$",
        RegexOptions.CultureInvariant);

    private string WireNameOf(string member) =>
        Model?.FindOperation(Operation ?? "")?.Input?.FindMember(member)?.WireName ?? member;

    private bool Mentions(string name)
    {
        if (Query.Length > 1 && QueryHelpers.ParseQuery(Query).ContainsKey(name))
        {
            return true;
        }

        if (BodyText.StartsWith("Action=", StringComparison.Ordinal))
        {
            return QueryHelpers.ParseQuery(BodyText).ContainsKey(name);
        }

        return BodyText.StartsWith('{') && JsonElement.Parse(BodyText).TryGetProperty(name, out _);
    }
}
