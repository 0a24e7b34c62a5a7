using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Qrie.Aws.Api.Client;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Creates the HTTP request of a call, in the protocol of its service.</summary>
internal sealed class RequestMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public static readonly RequestMarshaller Instance = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        // The type is that of the SDK's interface; the client sends no other requests.
        var call = (AwsRequest)input;
        var (service, operation) = (call.Service, call.Operation);
        var parameters = WithTokens(operation, call.Parameters);
        Check(operation, parameters);

        var request = new DefaultRequest(call, service.ServiceId) { HttpMethod = operation.Method, ResourcePath = "/" };
        switch (service.Protocol)
        {
            case WireProtocol.Json:
                request.Headers["X-Amz-Target"] = $"{service.TargetPrefix}.{operation.Name}";
                request.Headers["Content-Type"] = "application/x-amz-json-" + service.JsonVersion;
                if (service.IsQueryCompatible)
                {
                    request.Headers["x-amzn-query-mode"] = "true";
                }

                request.Content = JsonBodyWriter.Write(operation.Input, parameters);
                break;
            case WireProtocol.Query or WireProtocol.Ec2:
                request.Headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8";
                request.Content = QueryBodyWriter.Write(service, operation, parameters);
                break;
            default:
                RestRequestWriter.Write(request, service, operation, parameters);
                break;
        }

        if (operation.HostPrefix is { } prefix)
        {
            request.HostPrefix = FillHostPrefix(prefix, operation.Input, parameters);
        }

        if (operation.WantsMd5 && request.Content is { } content)
        {
#pragma warning disable CA5351 // AWS requires this checksum; it is not used for security
            request.Headers["Content-MD5"] = Convert.ToBase64String(MD5.HashData(content));
#pragma warning restore CA5351
        }

        return request;
    }

    /// <summary>Adds missing idempotency tokens that are required.</summary>
    private static JsonElement WithTokens(Operation operation, JsonElement parameters)
    {
        var missing = operation.Input?.Members.Where(m => m.IsIdempotencyToken && !Has(parameters, m.Name)).ToList();
        if (missing is null or [])
        {
            return parameters;
        }

        var members = ParameterValue.IsMissing(parameters) ? [] : parameters.EnumerateObject().ToDictionary(p => p.Name, p => (object)p.Value);
        foreach (var member in missing)
        {
            members[member.Name] = Guid.NewGuid().ToString();
        }

        return JsonSerializer.SerializeToElement(members);
    }

    private static void Check(Operation operation, JsonElement parameters)
    {
        if (!ParameterValue.IsMissing(parameters))
        {
            foreach (var property in ParameterValue.Entries(operation.Input ?? new Shape(ShapeKind.Structure), parameters))
            {
                if (operation.Input?.FindMember(property.Name) is null)
                {
                    var near = Nearest.To(property.Name, operation.Input?.Members.Select(m => m.Name) ?? []);
                    throw new AwsCallException($"{operation.Name} has no parameter '{property.Name}'.{(near is null ? "" : $" Did you mean '{near}'?")}");
                }
            }
        }

        foreach (var member in operation.Input?.Members ?? [])
        {
            if (member.IsRequired && !Has(parameters, member.Name))
            {
                throw new ParameterException(ParameterException.Missing, $"{operation.Name} needs {member.Name}");
            }
        }
    }

    private static string FillHostPrefix(string prefix, Shape? input, JsonElement parameters)
    {
        foreach (var member in input?.Members.Where(m => m.IsHostLabel && Has(parameters, m.Name)) ?? [])
        {
            prefix = prefix.Replace($"{{{member.Name}}}", parameters.GetProperty(member.Name).ToString(), StringComparison.Ordinal);
        }

        return prefix;
    }

    private static bool Has(JsonElement parameters, string name) =>
        parameters.ValueKind is JsonValueKind.Object && parameters.TryGetProperty(name, out var value) && !ParameterValue.IsMissing(value);
}
