namespace Qrie.Aws.Api.Models;

/// <summary>
/// What every successful answer of an operation has. An answer without it is no answer: a proxy's page, a cut body, an error document under status 200. What
/// is told by which protocol is described in <c>docs/catalog-services.md</c>.
/// </summary>
/// <param name="Roots">The names that the root element may have, whatever its namespace; null: the body is no XML.</param>
/// <param name="Always">Members that are sent even when they are empty.</param>
/// <param name="OneOf">Members of which at least one is sent; empty: no such condition.</param>
/// <param name="MayBeEmpty">A body without a single byte is an answer: nothing is bound to it.</param>
internal sealed record AnswerRule(IReadOnlyList<string>? Roots, IReadOnlyList<ShapeMember> Always, IReadOnlyList<ShapeMember> OneOf, bool MayBeEmpty)
{
    public static AnswerRule Of(string service, WireProtocol protocol, Operation operation, AnswerFacts facts)
    {
        var isXml = protocol is WireProtocol.Query or WireProtocol.Ec2 or WireProtocol.RestXml;
        var roots = isXml ? RootsOf(facts.FindRoots(service, operation.Name), protocol, operation) : null;
        if (operation.Output is not { } output || operation.Method == "HEAD")
        {
            return new AnswerRule(roots, [], [], MayBeEmpty: protocol is not (WireProtocol.Query or WireProtocol.Ec2) || operation.Method == "HEAD");
        }

        var mayBeEmpty = output.Payload is { } payload
            ? output.FindMember(payload)!.Shape.Kind is ShapeKind.Blob
            : !output.HasBodyMembers && protocol is not (WireProtocol.Query or WireProtocol.Ec2);
        if (output.Payload is not null)
        {
            return new AnswerRule(roots, [], [], mayBeEmpty);
        }

        var omits = facts.MayOmit(service, operation.Name);
        var lists = omits ? [] : Lists(output, operation, isXml);
        var always = facts.Sent(service, operation.Name).Select(name => output.FindMember(name)!)
            .Concat(isXml && !omits ? output.Members.Where(m => m.IsRequired && IsSentEmpty(m, isXml, structures: true)) : [])
            .Concat(lists.Count == 1 ? lists : [])
            .Distinct();
        return new AnswerRule(roots, [.. always], lists.Count > 1 ? lists : [], mayBeEmpty);
    }

    /// <summary>The lists that an operation is about: what its pages carry, or the one thing that a List or Describe operation answers.</summary>
    private static List<ShapeMember> Lists(Shape output, Operation operation, bool isXml)
    {
        // Of JSON services too few are known to send empty tags.
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

    /// <summary>Whether nothing in it shows on the wire. A flat list of XML has no element of its own, so that an empty one is not there at all.</summary>
    private static bool IsSentEmpty(ShapeMember member, bool isXml, bool structures) =>
        member.Location is MemberLocation.Body && !(isXml && member.IsFlat)
        && (member.Shape.Kind is ShapeKind.List or ShapeKind.Map || (structures && member.Shape.Kind is ShapeKind.Structure));

    /// <summary>The listed ones, else those of the protocol. A root that names the operation is its answer in any case; emulators write it for S3.</summary>
    private static List<string> RootsOf(IReadOnlyList<string>? listed, WireProtocol protocol, Operation operation)
    {
        IEnumerable<string?> roots = listed ?? [];
        if (listed is null && protocol is WireProtocol.RestXml && operation.Output is { } output)
        {
            var payload = output.Payload is { } name ? output.FindMember(name) : null;
            roots = payload is null ? new[] { output.Name, operation.Name + "Result" } : new[] { payload.WireName, payload.Name, payload.Shape.Name, payload.Shape.WireName };
        }

        return [.. roots.Append(operation.Name + "Response").OfType<string>().Distinct()];
    }
}
