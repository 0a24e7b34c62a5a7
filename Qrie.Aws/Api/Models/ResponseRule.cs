namespace Qrie.Aws.Api.Models;

/// <summary>
/// What every successful response of an operation contains. A response without it is something else: a proxy's page, a truncated body, an error document with
/// status 200. <c>docs/catalog-services.md</c> describes the rules of each protocol.
/// </summary>
/// <param name="Roots">The allowed names of the root element, in any namespace; null if the body is not XML.</param>
/// <param name="Always">Members that are sent even when they are empty.</param>
/// <param name="OneOf">Members of which at least one is sent; empty if there is no such condition.</param>
/// <param name="MayBeEmpty">An empty body is valid, because no member is bound to it.</param>
internal sealed record ResponseRule(IReadOnlyList<string>? Roots, IReadOnlyList<ShapeMember> Always, IReadOnlyList<ShapeMember> OneOf, bool MayBeEmpty)
{
    public static ResponseRule Of(string service, WireProtocol protocol, Operation operation, ResponseFacts facts)
    {
        var isXml = protocol is WireProtocol.Query or WireProtocol.Ec2 or WireProtocol.RestXml;
        var roots = isXml ? RootsOf(facts.FindRoots(service, operation.Name), protocol, operation) : null;
        if (operation.Output is not { } output || operation.Method == "HEAD")
        {
            return new ResponseRule(roots, [], [], MayBeEmpty: protocol is not (WireProtocol.Query or WireProtocol.Ec2) || operation.Method == "HEAD");
        }

        var mayBeEmpty = output.Payload is { } payload
            ? output.FindMember(payload)!.Shape.Kind is ShapeKind.Blob
            : !output.HasBodyMembers && protocol is not (WireProtocol.Query or WireProtocol.Ec2);
        if (output.Payload is not null)
        {
            return new ResponseRule(roots, [], [], mayBeEmpty);
        }

        var omits = facts.MayOmit(service, operation.Name);
        var lists = omits ? [] : Lists(output, operation, isXml);
        var always = facts.Sent(service, operation.Name).Select(name => output.FindMember(name)!)
            .Concat(isXml && !omits ? output.Members.Where(m => m.IsRequired && IsSentEmpty(m, isXml, structures: true)) : [])
            .Concat(lists.Count == 1 ? lists : [])
            .Distinct();
        return new ResponseRule(roots, [.. always], lists.Count > 1 ? lists : [], mayBeEmpty);
    }

    /// <summary>The lists that an operation returns: the items of its pages, or the only member of a List or Describe operation.</summary>
    private static List<ShapeMember> Lists(Shape output, Operation operation, bool isXml)
    {
        // Too few JSON services are known to send empty tags.
        if (!isXml && operation.Name.Contains("Tag", StringComparison.Ordinal))
        {
            return [];
        }

        if (operation.Pagination is { } pagination)
        {
            return [.. pagination.ResultKeys.Select(output.FindMember).OfType<ShapeMember>().Where(m => IsSentEmpty(m, isXml, structures: false))];
        }

        var isList = operation.Name.StartsWith("List", StringComparison.Ordinal) || operation.Name.StartsWith("Describe", StringComparison.Ordinal);
        return output.Members.Where(m => m.Location is MemberLocation.Body).ToList() is [var only]
            && (isXml || (isList && only.Shape.Kind is ShapeKind.List)) && IsSentEmpty(only, isXml, structures: false) ? [only] : [];
    }

    /// <summary>Whether it is sent even when it is empty. A flat XML list has no element of its own, so an empty one is not sent.</summary>
    private static bool IsSentEmpty(ShapeMember member, bool isXml, bool structures) =>
        member.Location is MemberLocation.Body && !(isXml && member.IsFlat)
        && (member.Shape.Kind is ShapeKind.List or ShapeKind.Map || (structures && member.Shape.Kind is ShapeKind.Structure));

    /// <summary>The listed names, else those of the protocol. A root named after the operation is always accepted, because emulators write it for S3.</summary>
    private static List<string> RootsOf(IReadOnlyList<string>? listed, WireProtocol protocol, Operation operation)
    {
        IEnumerable<string?> roots = listed ?? [];
        if (listed is null && protocol is WireProtocol.RestXml && operation.Output is { } output)
        {
            var payload = output.Payload is { } name ? output.FindMember(name) : null;
            roots = payload is null
                ? new[] { output.Name, operation.Name + "Result" }
                : new[] { payload.WireName, payload.Name, payload.Shape.Name, payload.Shape.WireName };
        }

        return [.. roots.Append(operation.Name + "Response").OfType<string>().Distinct()];
    }
}
