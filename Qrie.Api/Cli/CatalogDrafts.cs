using System.Globalization;
using System.Text;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.CloudTrail;

namespace Qrie.Api.Cli;

/// <summary>Files to begin with: they load, and what is marked FILL IN is the author's.</summary>
internal static class CatalogDrafts
{
    /// <summary>A policy whose two cases fail until its expression decides something.</summary>
    public static string Policy(string id, ResourceTypeDefinition type)
    {
        var attributes = type.Describe.Where(a => a is { IsHelper: false, IsMerged: false }).Select(a => a.Name).ToList();
        var hint = attributes.Count == 0
            ? "# GET /resources, or qrie call, shows what a resource looks like."
            : $"# Besides what its list tells, the type has {string.Join(", ", attributes)}. GET /resources, or qrie call, shows what a resource looks like.";
        return $$"""
            id: {{id}}
            title: 'FILL IN: the bad state, in a few words'
            description: >-
              FILL IN: what that means, and what may come of it.
            resource: {{type.Type}}
            # access_control, configuration, data_protection, encryption, logging, monitoring, network_security, resilience, secrets, vulnerability
            category: configuration
            # critical from 90, high from 50, medium from 25
            severity: 25
            {{hint}}
            # FILL IN: truthy where the resource is in the bad state. What AWS always tells is read as known(Attribute).
            violation: "undecided('FILL_IN')"
            remediation: |
              FILL IN: what to do about it.
            references:
              - https://docs.aws.amazon.com/
            tests:
              # FILL IN: attributes as AWS tells them; for a case that passes, what the verdict is without each of them: absent: { Attribute: unknown }
              - name: 'FILL IN: in order'
                config: {}
                expect: pass
              - name: 'FILL IN: in the bad state'
                config: {}
                expect: fail
              - name: it could not be read
                config: {}
                unknown: { '*': AccessDenied }
                expect: unknown

            """;
    }

    /// <summary>The lists of an API that need nothing to begin with: what a type can be made of.</summary>
    public static IReadOnlyList<(Operation Operation, ShapeMember Rows)> Lists(ServiceModel model, ReadList reads) =>
    [
        .. from operation in model.Operations.OrderBy(o => o.Name, StringComparer.Ordinal)
           where (operation.Name.StartsWith("List", StringComparison.Ordinal) || operation.Name.StartsWith("Describe", StringComparison.Ordinal))
               && reads.Allows(model.Name, operation.Name) && operation.Input?.Members.Any(m => m.IsRequired) is not true
           let rows = RowsOf(operation)
           where rows is not null
           select (operation, rows),
    ];

    /// <summary>The one list of an answer, or the one that tells more than names; null if there is none, or several.</summary>
    private static ShapeMember? RowsOf(Operation operation)
    {
        var lists = operation.Output?.Members.Where(m => m.Shape.Kind is ShapeKind.List).ToList() ?? [];
        var ofObjects = lists.Where(m => m.Shape.Element!.Kind is ShapeKind.Structure).ToList();
        return ofObjects.Count == 1 ? ofObjects[0] : lists is [{ Shape.Element.Kind: ShapeKind.String } names] ? names : null;
    }

    /// <summary>A service with one type, made of one of its lists; every changing operation of its API stands in the file.</summary>
    public static string Service(ServiceModel model, Operation operation, ShapeMember rows)
    {
        var row = rows.Shape.Element!;
        var isText = row.Kind is ShapeKind.String;
        var noun = Noun(operation.Name);
        var (id, select) = isText ? ($"{noun}Name", $"'{rows.Name}[].{{{noun}Name: @}}'") : (IdOf(row, noun), rows.Name);
        var arn = row.Members.FirstOrDefault(m => m.Name.EndsWith("Arn", StringComparison.OrdinalIgnoreCase))?.Name;
        var service = char.ToUpperInvariant(model.ServiceId[0]) + model.ServiceId[1..].Replace(" ", "", StringComparison.Ordinal);
        var pattern = $"arn:{{$partition}}:{model.SigningName}:{{$region}}:{{$account}}:{noun.ToLowerInvariant()}/{{{id}}}";
        var text = new StringBuilder($$"""
            service: {{model.Name}}
            name: {{model.ServiceId}}
            scope: regional

            resources:
              # FILL IN: the name that CloudFormation has for the type
              - type: AWS::{{service}}::{{noun}}
                list: { call: '{{model.Name}}:{{operation.Name}}', select: {{select}} }
                # FILL IN: how one is asked for by $id; without it the whole list is read after every event
                # one: { with: { {{id}}: $id } }
                id: {{id}}
                arn: '{{(arn is null ? pattern : $"{{{arn}}}")}}'
                summary: { name: {{id}} }
                # FILL IN: what the list does not tell
                # describe:
                #   Policy: { call: '{{model.Name}}:GetResourcePolicy', with: { ResourceArn: $arn }, select: policy_document(Policy), absent: [NoSuchPolicy] }

            """);
        AppendEvents(text, model, noun, id);
        return text.ToString();
    }

    private static void AppendEvents(StringBuilder text, ServiceModel model, string noun, string id)
    {
        var changes = model.OtherOperations.Concat(model.Operations.Select(o => o.Name)).Where(name => !EventKey.IsRead(name))
            .Order(StringComparer.Ordinal).ToList();
        var claimed = changes.Where(name => name == $"Create{noun}" || name == $"Update{noun}" || name == $"Modify{noun}" || name == $"Delete{noun}").ToList();
        if (claimed.Count > 0)
        {
            text.Append("    # FILL IN: what else changes it, and whether records name it so\n    events:\n");
        }

        foreach (var name in claimed)
        {
            text.Append(CultureInfo.InvariantCulture, $"      - names: [{name}]\n        id: requestParameters.{char.ToLowerInvariant(id[0])}{id[1..]}\n");
            text.Append(name.StartsWith("Delete", StringComparison.Ordinal) ? "        gone: true\n" : "");
        }

        text.Append("\n# FILL IN: why each of them changes nothing that the type shows; those that do belong to its events\nirrelevant:\n");
        foreach (var name in changes.Except(claimed))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name}: 'FILL IN: not reviewed yet'\n");
        }
    }

    private static string IdOf(Shape row, string noun)
    {
        var names = row.Members.Where(m => m.Shape.IsScalar).Select(m => m.Name).ToList();
        string[] wanted = [$"{noun}Id", $"{noun}Name", $"{noun}Identifier", "Id", "Name", $"{noun}Arn", "Arn"];
        return wanted.Select(w => names.Find(n => string.Equals(n, w, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(n => n is not null)
            ?? names.FirstOrDefault() ?? row.Members[0].Name;
    }

    /// <summary><c>ListFunctions</c> is about a Function, <c>DescribeDBProxies</c> about a DBProxy.</summary>
    private static string Noun(string operation)
    {
        var plural = operation[(operation.StartsWith("List", StringComparison.Ordinal) ? 4 : 8)..];
        return plural.EndsWith("ies", StringComparison.Ordinal) ? plural[..^3] + "y"
            : plural.EndsWith("sses", StringComparison.Ordinal) || plural.EndsWith("xes", StringComparison.Ordinal) ? plural[..^2]
            : plural.EndsWith('s') && !plural.EndsWith("ss", StringComparison.Ordinal) ? plural[..^1]
            : plural;
    }
}
