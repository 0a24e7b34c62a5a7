using System.Collections.Frozen;

namespace Qrie.Aws.Api.Models;

/// <summary>The protocol of a service.</summary>
public enum WireProtocol
{
    Json,
    RestJson,
    Query,
    Ec2,
    RestXml,
}

/// <summary>The wire format of one service.</summary>
public sealed class ServiceModel
{
    private readonly FrozenDictionary<string, Operation> _operations;
    private readonly FrozenSet<string> _others;

    internal ServiceModel(string name, IEnumerable<Operation> operations, IEnumerable<string> others)
    {
        Name = name;
        _operations = operations.ToFrozenDictionary(o => o.Name, StringComparer.Ordinal);
        _others = others.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The name in the AWS CLI: <c>s3</c>, <c>elbv2</c>.</summary>
    public string Name { get; }

    /// <summary>AWS's service id: <c>Elastic Load Balancing v2</c>.</summary>
    public required string ServiceId { get; init; }

    public required string ApiVersion { get; init; }

    public required WireProtocol Protocol { get; init; }

    /// <summary>The first part of the host name: <c>elasticloadbalancing</c>.</summary>
    public required string EndpointPrefix { get; init; }

    /// <summary>The name in signatures and IAM actions.</summary>
    public required string SigningName { get; init; }

    /// <summary>The operations with a model, which can be called.</summary>
    public IReadOnlyCollection<Operation> Operations => _operations.Values;

    /// <summary>The names of existing operations without a model, because they change something.</summary>
    public IReadOnlyCollection<string> OtherOperations => _others;

    internal string JsonVersion { get; init; } = "1.0";

    internal string? TargetPrefix { get; init; }

    internal string? XmlNamespace { get; init; }

    internal bool IsQueryCompatible { get; init; }

    internal bool IsRest => Protocol is WireProtocol.RestJson or WireProtocol.RestXml;

    internal bool IsJson => Protocol is WireProtocol.Json or WireProtocol.RestJson;

    /// <summary>The operation of that name; null if it has no model.</summary>
    public Operation? FindOperation(string name) => _operations.GetValueOrDefault(name);

    /// <summary>Whether AWS has an operation of that name, with or without a model.</summary>
    public bool Knows(string operation) => _operations.ContainsKey(operation) || _others.Contains(operation);

    public override string ToString() => Name;
}
