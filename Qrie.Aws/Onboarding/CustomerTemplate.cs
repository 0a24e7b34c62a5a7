using System.Globalization;
using System.Text;
using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;

namespace Qrie.Aws.Onboarding;

/// <summary>
/// The CloudFormation template for watched accounts: a role that may read what the catalog reads, and rules that send the events in the catalog to Qrie's
/// queue. Generated from the catalog, so that it matches what is used.
/// </summary>
public static class CustomerTemplate
{
    private const int LongestLine = 150;

    /// <summary>The template as YAML for everything that the catalog reads; the same catalog gives the same text.</summary>
    public static string Of(ResourceCatalog catalog, CatalogPermissions permissions) => Of(catalog, permissions.For(catalog));

    /// <summary>The template as YAML for a role with exactly these actions.</summary>
    /// <param name="defaults">Default values of parameters, by name; null for required parameters without one.</param>
    public static string Of(ResourceCatalog catalog, IReadOnlyList<string> actions, IReadOnlyDictionary<string, string>? defaults = null)
    {
        var text = new StringBuilder(Fill(Head, defaults ?? new Dictionary<string, string>()));
        var policies = PolicyDocuments.Split(actions);
        for (var i = 0; i < policies.Count; i++)
        {
            AppendPolicy(text, i + 1, policies[i]);
        }

        text.Append(EventRole);
        foreach (var pattern in EventPatterns.Of(catalog))
        {
            AppendRule(text, pattern);
        }

        return text.Append(Outputs).ToString();
    }

    /// <summary>Replaces the default values of parameters.</summary>
    private static string Fill(string head, IReadOnlyDictionary<string, string> defaults)
    {
        foreach (var (name, value) in defaults)
        {
            var begin = head.IndexOf($"  {name}:\n    Type: String\n", StringComparison.Ordinal);
            var line = head.IndexOf("    Type: String\n", begin, StringComparison.Ordinal) + "    Type: String\n".Length;
            var end = head.AsSpan(line).StartsWith("    Default:") ? head.IndexOf('\n', line) + 1 : line;
            head = $"{head[..line]}    Default: '{value.Replace("'", "''", StringComparison.Ordinal)}'\n{head[end..]}";
        }

        return head;
    }

    private static void AppendPolicy(StringBuilder text, int number, IReadOnlyList<string> actions)
    {
        text.Append(CultureInfo.InvariantCulture, $"""

              ReadPolicy{number}:
                Type: AWS::IAM::ManagedPolicy
                Condition: MakesRole
                Properties:
                  Description: What Qrie reads, and nothing else.
                  Roles: [!Ref ReadRole]
                  PolicyDocument:
                    Version: '2012-10-17'
                    Statement:
                      - Sid: Read
                        Effect: Allow
                        Resource: '*'
                        Action: [

            """);
        AppendList(text, "              ", actions, "]");
    }

    private static void AppendRule(StringBuilder text, EventPattern pattern)
    {
        var service = pattern.Source.Split('.')[0];
        text.Append(CultureInfo.InvariantCulture, $$"""

              Events{{LogicalName(service)}}{{pattern.Number}}:
                Type: AWS::Events::Rule
                Condition: FollowsEvents
                Properties:
                  Targets: [{ Id: qrie, Arn: !Ref EventQueueArn, RoleArn: !GetAtt EventRole.Arn }]
                  EventPattern: {
                    source: [aws.{{service}}], detail-type: [{{string.Join(", ", EventPattern.DetailTypes)}}],
                    detail: {eventSource: [{{pattern.Source}}], errorCode: [exists: false], eventName: [

            """);
        AppendList(text, "        ", pattern.Names.Select(name => MatcherText(EventPatterns.MatcherOf(pattern.Source, name))), "]}}");
    }

    /// <summary>
    /// The rest of a list that was begun, several elements on a line: CloudFormation takes 51,200 characters that are not in a bucket, and an element on a
    /// line of its own is mostly white space.
    /// </summary>
    private static void AppendList(StringBuilder text, string indent, IEnumerable<string> elements, string end)
    {
        var line = new StringBuilder(indent);
        foreach (var element in elements)
        {
            if (line.Length > indent.Length && line.Length + element.Length > LongestLine)
            {
                text.Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear().Append(indent);
            }

            line.Append(element).Append(", ");
        }

        text.Append(line.ToString().TrimEnd(',', ' ')).Append(end).Append('\n');
    }

    private static string MatcherText(object matcher) =>
        matcher is string name ? name : matcher.GetType().GetProperties()[0] is var property ? $"{{{property.Name}: '{property.GetValue(matcher)}'}}" : "";

    private static string LogicalName(string service) => string.Concat(service.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    private const string Head =
        """
        # Made from the catalog by `qrie onboarding template`: change the catalog, not this file.
        # Deploy it in every account that Qrie watches, and in every region whose events Qrie is to follow (a StackSet does both). IAM's events arrive in
        # us-east-1 alone.
        AWSTemplateFormatVersion: '2010-09-09'
        Description: Allows Qrie to read this account, and sends it events of changes.

        Parameters:
          QriePrincipalArn:
            Type: String
            Description: The ARN of the role or user that Qrie runs as.
            AllowedPattern: '^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+$'
          ExternalId:
            Type: String
            Description: The external id that Qrie was given for this account.
            MinLength: 2
            MaxLength: 1224
            AllowedPattern: '^[A-Za-z0-9+=,.@:/_-]+$'
          EventQueueArn:
            Type: String
            Default: ''
            Description: The ARN of Qrie's event queue. Empty, this account's changes are seen at the next inventory only.
            AllowedPattern: '^$|^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:.+$'
          MainRegion:
            Type: String
            Default: us-east-1
            Description: The region whose stack makes the role, which all regions share.

        Conditions:
          MakesRole: !Equals [!Ref AWS::Region, !Ref MainRegion]
          FollowsEvents: !Not [!Equals [!Ref EventQueueArn, '']]

        Resources:
          ReadRole:
            Type: AWS::IAM::Role
            Condition: MakesRole
            Properties:
              RoleName: !Sub QrieReadOnly-${AWS::AccountId}
              Description: Read by Qrie.
              MaxSessionDuration: 3600
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal:
                      AWS: !Ref QriePrincipalArn
                    Action: sts:AssumeRole
                    Condition:
                      StringEquals:
                        sts:ExternalId: !Ref ExternalId

        """;

    private const string EventRole =
        """

          EventRole:
            Type: AWS::IAM::Role
            Condition: FollowsEvents
            Properties:
              Description: Allows EventBridge to send events to Qrie's queue.
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal:
                      Service: events.amazonaws.com
                    Action: sts:AssumeRole
                    Condition:
                      StringEquals:
                        aws:SourceAccount: !Ref AWS::AccountId
              Policies:
                - PolicyName: SendToQrie
                  PolicyDocument:
                    Version: '2012-10-17'
                    Statement:
                      - Effect: Allow
                        Action: sqs:SendMessage
                        Resource: !Ref EventQueueArn

        """;

    private const string Outputs =
        """

        Outputs:
          ReadRoleArn:
            Condition: MakesRole
            Description: What Qrie assumes.
            Value: !GetAtt ReadRole.Arn

        """;
}
