using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Qrie.Aws.Api.Models;

namespace Qrie.Tests.Emulator;

/// <summary>A request as the <see cref="FaultProxy"/> understood it.</summary>
public sealed class ProxiedRequest
{
    private static readonly Lazy<IReadOnlyList<ServiceModel>> _models = new(
        () => [.. EmulatedAws.Models.Services.Select(s => EmulatedAws.Models.FindService(s)!)]);

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

    /// <summary>As sent, with escapes.</summary>
    public string Path { get; }

    /// <summary>With its question mark; empty: none.</summary>
    public string Query { get; }

    public byte[] Body { get; }

    public string BodyText => Encoding.UTF8.GetString(Body);

    public IReadOnlyDictionary<string, string> Headers { get; }

    public string? AccessKey { get; }

    /// <summary>The region of the signature; null: not signed.</summary>
    public string? Region { get; }

    /// <summary>The service's name in the signature; several services may share one.</summary>
    public string? SigningName { get; }

    /// <summary>As the AWS CLI spells it; null: not recognised.</summary>
    public string? Service { get; private set; }

    /// <summary>Null: not recognised.</summary>
    public string? Operation { get; private set; }

    /// <summary>The account whose role the request came with; the base account for other keys; null: a key of a role that this proxy has not seen.</summary>
    public string? AccountId { get; internal set; }

    /// <summary>When it arrived, on a clock that only moves forward.</summary>
    public TimeSpan At { get; internal set; }

    /// <summary>What the client was answered: a status, 0 when the connection was broken.</summary>
    public int Status { get; internal set; }

    /// <summary>Whether a rule answered instead of the emulator.</summary>
    public bool WasFaked { get; internal set; }

    internal ServiceModel? Model { get; private set; }

    /// <summary>Whether it asks for a page after the first.</summary>
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

    /// <summary>How well the request fits an operation's URI template: literal parts count; -1: it does not.</summary>
    private int Fit(Operation operation)
    {
        if (operation.Method != Method)
        {
            return -1;
        }

        var template = operation.Uri.Split('?', 2);
        var pattern = "^"
            + Regex.Replace(Regex.Escape(template[0]).Replace("}", "\\}"), @"\\\{[^}]*?(\\\+)?\\\}", m => m.Value.Contains('+') ? "(.+)" : "([^/]+)") + "/?$";
        if (!Regex.IsMatch(Path, pattern))
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

        // GET /bucket is a list of objects, GET / one of buckets: the longer path is the better fit.
        return score + template[0].Count(c => c == '{');
    }

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
