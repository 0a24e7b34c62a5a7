using System.Text;
using System.Text.Json;
using System.Web;
using System.Xml.Linq;
using Amazon.Runtime;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Client;
using Qrie.Aws.Api.Models;
using Qrie.Tests.Aws;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Botocore;

/// <summary>
/// Compares with botocore for every operation of the models: how a random request is written and signed, and how a random response is read.
/// </summary>
public sealed class SyntheticTests(ITestOutputHelper output)
{
    private static readonly string[] _regions = ["us-east-1", "eu-central-1", "ap-southeast-3", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"];

    /// <summary>Intended differences.</summary>
    private static readonly string[] _known =
    [
        // A GET with a body, which has no meaning in HTTP; Qrie sends it without.
        "efs:DescribeAccountPreferences request: body",
        // botocore leaves it to a handler; ServiceQuirks does the same, with a test of its own.
        "s3:GetBucketLocation answer",
        // Caused by the test: a stub cannot omit the header.
        "s3:GetObject answer: $.ContentLength",
    ];

    [BotocoreFact]
    public async Task Requests_responses_and_signatures_of_all_operations_equal_those_of_botocore()
    {
        var models = Path.Combine(AppContext.BaseDirectory, "catalog", "aws", "models");
        var lines = await Python.RunAsync(Python.Script("synthetic.py"), ["make", models, "1"]);
        lines.Count.ShouldBe(EmulatedAws.Models.Services.Sum(s => EmulatedAws.Models.FindService(s)!.Operations.Count));

        var network = new CapturingNetwork();
        using var client = new AwsClient(new AwsClientConfig(new AwsApiOptions(), network), TimeProvider.System);
        var (differences, signed, answers) = (new List<string>(), new List<string>(), 0);
        foreach (var (line, index) in lines.Select((l, i) => (JsonElement.Parse(l), i)))
        {
            var service = EmulatedAws.Models.FindService(line.GetProperty("service").GetString()!)!;
            var operation = service.FindOperation(line.GetProperty("operation").GetString()!)!;
            var label = $"{service.Name}:{operation.Name}";
            var hasAnswer = line.TryGetProperty("expected", out var expected);
            network.Answer = () => hasAnswer ? AnswerOf(line) : CapturingNetwork.Response(500, [], []);

            var plain = await client.SendAsync(Request(service, operation, line.GetProperty("input"), "us-east-1", isEmulator: true), default);
            differences.AddRange(RequestDifferences(service, line.GetProperty("request"), network.Last!).Select(d => $"{label} request: {d}"));
            if (hasAnswer)
            {
                answers++;
                plain.Error.ShouldBeNull(label);
                differences.AddRange(JsonDifference.Find(expected, plain.Content).Select(d => $"{label} answer: {d}"));
            }

            // Again with the address of AWS, for the signature over the real host and path.
            var region = _regions[index % _regions.Length];
            var request = Request(service, operation, line.GetProperty("input"), region, isEmulator: false);
            await client.SendAsync(request, default);
            if (!operation.IsUnsigned)
            {
                signed.Add(Describe(label, request, network.Last!));
            }
        }

        differences.AddRange((await Python.RunAsync(Python.Script("synthetic.py"), ["verify"], signed)).Select(l => "signature: " + l));
        output.WriteLine($"{lines.Count} requests, {answers} answers, {signed.Count} signatures, {differences.Count} differences");
        differences.Where(d => !_known.Any(k => d.StartsWith(k, StringComparison.Ordinal))).Take(20).ShouldBeEmpty();
        answers.ShouldBeGreaterThan(lines.Count - 20);
    }

    private static AwsRequest Request(ServiceModel service, Operation operation, JsonElement input, string region, bool isEmulator)
    {
        var endpoint = EmulatedAws.Models.Endpoints.Resolve(service.Name, region);
        return new AwsRequest
        {
            Service = service,
            Operation = operation,
            Parameters = input,
            Endpoint = isEmulator ? new Uri("http://127.0.0.1:1") : endpoint.Url,
            IsEmulator = isEmulator,
            SigningRegion = endpoint.SigningRegion,
            SigningName = EmulatedAws.Models.Endpoints.SigningNameOf(service.Name) ?? service.SigningName,
            Credentials = operation.IsUnsigned ? null : new ImmutableCredentials("AKIDEXAMPLE", "secret", region == "us-east-1" ? "a+session/token==" : null),
            Redactor = null,
        };
    }

    private static HttpResponseMessage AnswerOf(JsonElement line) => CapturingNetwork.Response(
        line.GetProperty("status").GetInt32(),
        line.GetProperty("answer").GetBytesFromBase64(),
        line.GetProperty("answerHeaders").EnumerateObject().Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!)));

    private static string Describe(string label, AwsRequest request, SentRequest sent) => JsonSerializer.Serialize(new
    {
        label,
        signingName = request.SigningName,
        region = request.SigningRegion,
        method = sent.Method,
        url = sent.Url.AbsoluteUri,
        headers = new Dictionary<string, string>(sent.Headers) { ["host"] = sent.Url.Authority },
        body = Convert.ToBase64String(sent.Body),
        token = request.Credentials!.Token is { Length: > 0 } token ? token : null,
    });

    private static IEnumerable<string> RequestDifferences(ServiceModel service, JsonElement expected, SentRequest actual)
    {
        if (actual.Method != expected.GetProperty("method").GetString())
        {
            yield return $"method {actual.Method}";
        }

        var path = expected.GetProperty("path").GetString()!.Split('?')[0];
        if (Normal(actual.Url.AbsolutePath) != Normal(path))
        {
            yield return $"path {actual.Url.AbsolutePath}, expected {path}";
        }

        var expectedQuery = ParseQuery(expected.GetProperty("path").GetString()!.Split('?', 2) is [_, var fixedQuery] ? fixedQuery : "")
            .Concat(expected.GetProperty("query").EnumerateArray().Select(p => (p[0].GetString()!, p[1].GetString()!)))
            .Order().Distinct().ToList();
        var actualQuery = ParseQuery(actual.Url.Query.TrimStart('?')).Order().Distinct().ToList();
        if (!expectedQuery.SequenceEqual(actualQuery))
        {
            yield return $"query {string.Join('&', actualQuery)}, expected {string.Join('&', expectedQuery)}";
        }

        foreach (var header in expected.GetProperty("headers").EnumerateObject().Where(h => h.Name is not ("Content-Type" or "Content-MD5" or "Expect")))
        {
            var value = actual.Headers.GetValueOrDefault(header.Name);
            if (value != header.Value.GetString())
            {
                yield return $"header {header.Name}: {value}, expected {header.Value.GetString()}";
            }
        }

        foreach (var difference in BodyDifferences(service, expected.GetProperty("body").GetBytesFromBase64(), actual.Body))
        {
            yield return difference;
        }
    }

    private static IEnumerable<string> BodyDifferences(ServiceModel service, byte[] expected, byte[] actual)
    {
        if (expected.AsSpan().SequenceEqual(actual))
        {
            return [];
        }

        var (expectedText, actualText) = (Encoding.UTF8.GetString(expected), Encoding.UTF8.GetString(actual));
        if (service.Protocol is WireProtocol.Query or WireProtocol.Ec2)
        {
            var (e, a) = (ParseQuery(expectedText).Order().ToList(), ParseQuery(actualText).Order().ToList());
            return e.SequenceEqual(a) ? [] : [$"body {string.Join('&', a.Except(e))}, expected {string.Join('&', e.Except(a))}"];
        }

        if (expectedText.StartsWith('{') && actualText.StartsWith('{'))
        {
            return JsonDifference.Find(JsonElement.Parse(expectedText), JsonElement.Parse(actualText), "body");
        }

        if (expectedText.StartsWith('<') && actualText.StartsWith('<'))
        {
            return Canonical(XElement.Parse(expectedText)) == Canonical(XElement.Parse(actualText)) ? [] : [$"body {actualText}, expected {expectedText}"];
        }

        return [$"body {actualText}, expected {expectedText}"];
    }

    /// <summary>Ignores prefixes and the order of elements with different names.</summary>
    private static string Canonical(XElement element) =>
        $"<{element.Name}{string.Concat(element.Attributes().Where(a => !a.IsNamespaceDeclaration).Select(a => $" {a.Name}={a.Value}").Order())}>"
        + (element.HasElements
            ? string.Concat(element.Elements().GroupBy(e => e.Name.ToString()).OrderBy(g => g.Key).SelectMany(g => g.Select(Canonical)))
            : element.Value) + "</>";

    private static IEnumerable<(string, string)> ParseQuery(string query) =>
        query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2))
            .Select(p => (HttpUtility.UrlDecode(p[0]), p.Length > 1 ? HttpUtility.UrlDecode(p[1]) : ""));

    /// <summary>Normalizes escapes.</summary>
    private static string Normal(string path) => string.Join('/', path.Split('/').Select(s => Uri.EscapeDataString(Uri.UnescapeDataString(s))));
}
