using System.Text;
using System.Text.Json;
using Amazon.Runtime.Internal;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Distributes parameters over path, query string, headers and body, for rest-json and rest-xml.</summary>
internal static class RestRequestWriter
{
    public static void Write(DefaultRequest request, ServiceModel service, Operation operation, JsonElement parameters)
    {
        request.UseQueryString = true;
        request.ResourcePath = WriteFixedQuery(request, operation.Uri);
        if (operation.Input is not { } input)
        {
            return;
        }

        var body = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in input.Members)
        {
            if (parameters.ValueKind is not JsonValueKind.Object || !parameters.TryGetProperty(member.Name, out var value) || ParameterValue.IsMissing(value))
            {
                continue;
            }

            if (member.Location is MemberLocation.Body)
            {
                body[member.Name] = value;
            }
            else
            {
                WriteOutsideBody(request, member, value);
            }
        }

        WriteBody(request, service, operation, input, body);
    }

    /// <summary>The query part of the URI template: sub-resources and fixed parameters.</summary>
    private static string WriteFixedQuery(DefaultRequest request, string uri)
    {
        var question = uri.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
        {
            return uri;
        }

        foreach (var part in uri[(question + 1)..].Split('&'))
        {
            var pair = part.Split('=', 2);
            if (pair.Length == 1)
            {
                request.AddSubResource(pair[0]);
            }
            else
            {
                request.AddSubResource(pair[0], pair[1]);
            }
        }

        return uri[..question];
    }

    private static void WriteOutsideBody(DefaultRequest request, ShapeMember member, JsonElement value)
    {
        switch (member.Location)
        {
            case MemberLocation.Uri:
                var text = ParameterValue.Text(member.Shape, value, WireTime.Iso8601);
                if (text.Length == 0)
                {
                    throw new ParameterException(ParameterException.Missing, $"{member.Name} is part of the path and must not be empty");
                }

                var greedy = $"{{{member.WireName}+}}";
                var isGreedy = request.ResourcePath.Contains(greedy, StringComparison.Ordinal);
                request.AddPathResource(isGreedy ? greedy : $"{{{member.WireName}}}", text);
                break;
            case MemberLocation.QueryString:
                WriteQuery(request, member, value);
                break;
            case MemberLocation.Header:
                request.Headers[member.WireName] = HeaderText(member, value);
                break;
            case MemberLocation.HeaderPrefix:
                foreach (var entry in ParameterValue.Entries(member.Shape, value))
                {
                    request.Headers[member.WireName + entry.Name] = entry.Value.ToString();
                }

                break;
        }
    }

    private static void WriteQuery(DefaultRequest request, ShapeMember member, JsonElement value)
    {
        switch (member.Shape.Kind)
        {
            case ShapeKind.List:
                request.ParameterCollection.Add(member.WireName, Texts(member.Shape, value));
                break;
            case ShapeKind.Map:
                foreach (var entry in ParameterValue.Entries(member.Shape, value))
                {
                    if (member.Shape.Element!.Kind is ShapeKind.List)
                    {
                        request.ParameterCollection.Add(entry.Name, Texts(member.Shape.Element, entry.Value));
                    }
                    else
                    {
                        request.Parameters[entry.Name] = entry.Value.ToString();
                    }
                }

                break;
            default:
                request.Parameters[member.WireName] = ParameterValue.Text(member.Shape, value, WireTime.Iso8601);
                break;
        }
    }

    private static List<string> Texts(Shape list, JsonElement value) =>
        [.. ParameterValue.Items(list, value).Select(i => ParameterValue.Text(list.Element!, i, WireTime.Iso8601))];

    private static string HeaderText(ShapeMember member, JsonElement value)
    {
        if (member.IsJsonText)
        {
            return Convert.ToBase64String(Encoding.UTF8.GetBytes(value.GetRawText()));
        }

        return member.Shape.Kind is ShapeKind.List
            ? string.Join(",", ParameterValue.Items(member.Shape, value).Select(i => i.ToString()))
            : ParameterValue.Text(member.Shape, value, WireTime.Rfc822);
    }

    private static void WriteBody(DefaultRequest request, ServiceModel service, Operation operation, Shape input, Dictionary<string, JsonElement> body)
    {
        if (operation.Method is "GET" or "HEAD")
        {
            // One operation of EFS expects a body here; it has no meaning in HTTP, and the SDK would sign but not send it.
            return;
        }

        var payload = input.Payload is { } name ? input.FindMember(name) : null;
        var given = payload is null ? default : body.GetValueOrDefault(payload.Name);
        if (payload is not null && ParameterValue.IsMissing(given))
        {
            return;
        }

        if (payload is { Shape.IsScalar: true })
        {
            request.Content = ParameterValue.Bytes(payload.Shape, given);
            return;
        }

        if (payload is null && !input.HasBodyMembers)
        {
            return;
        }

        var shape = payload?.Shape ?? input;
        var value = payload is null ? JsonSerializer.SerializeToElement(body) : given;
        if (service.Protocol is WireProtocol.RestJson)
        {
            request.Headers["Content-Type"] = "application/json";
            request.Content = JsonBodyWriter.Write(shape, value);
        }
        else
        {
            request.Headers["Content-Type"] = "application/xml";
            var element = payload?.WireName ?? operation.InputElement ?? shape.WireName ?? shape.Name!;
            request.Content = XmlBodyWriter.Write(element, payload?.XmlNamespace ?? operation.InputNamespace ?? service.XmlNamespace, shape, value);
        }
    }
}
