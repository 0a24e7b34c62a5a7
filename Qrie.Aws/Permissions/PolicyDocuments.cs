using System.Globalization;
using System.Text;

namespace Qrie.Aws.Permissions;

/// <summary>Formats actions as IAM policies, within the maximum length of a managed policy.</summary>
public static class PolicyDocuments
{
    /// <summary>
    /// The maximum length of a managed policy is 6,144 without white space (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
    /// </summary>
    private const int Longest = 5_500;

    /// <summary>Actions by managed policy.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Split(IReadOnlyList<string> actions)
    {
        var policies = new List<List<string>> { new() };
        var length = 0;
        foreach (var action in actions)
        {
            length += action.Length + 3;
            if (length > Longest)
            {
                policies.Add([]);
                length = action.Length + 3;
            }

            policies[^1].Add(action);
        }

        return policies;
    }

    /// <summary>The documents, ready for serialization.</summary>
    public static IReadOnlyList<PolicyDocument> Of(IReadOnlyList<string> actions) =>
        [.. Split(actions).Select(a => new PolicyDocument("2012-10-17", [new PolicyAllows("Read", "Allow", a, "*")]))];

    /// <summary>The role with its policies in Terraform syntax.</summary>
    public static string Terraform(IReadOnlyList<string> actions)
    {
        var text = new StringBuilder(
            """
            # Made from the catalog by `qrie permissions --format tf`.
            variable "qrie_principal_arn" {
              type        = string
              description = "The ARN of the role or user that Qrie runs as."
            }

            variable "qrie_external_id" {
              type        = string
              description = "The external id that Qrie was given for this account."
            }

            data "aws_caller_identity" "current" {}

            resource "aws_iam_role" "qrie" {
              name                 = "QrieReadOnly-${data.aws_caller_identity.current.account_id}"
              description          = "Read by Qrie."
              max_session_duration = 3600
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = var.qrie_principal_arn }
                  Action    = "sts:AssumeRole"
                  Condition = { StringEquals = { "sts:ExternalId" = var.qrie_external_id } }
                }]
              })
            }

            """);
        var policies = Split(actions);
        for (var i = 0; i < policies.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""

                resource "aws_iam_policy" "qrie_{{i + 1}}" {
                  name        = "QrieReadOnly-{{i + 1}}"
                  description = "What Qrie reads, and nothing else."
                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Sid      = "Read"
                      Effect   = "Allow"
                      Resource = "*"
                      Action = [

                """);
            foreach (var action in policies[i])
            {
                text.Append(CultureInfo.InvariantCulture, $"        \"{action}\",\n");
            }

            text.Append(CultureInfo.InvariantCulture, $$"""
                      ]
                    }]
                  })
                }

                resource "aws_iam_role_policy_attachment" "qrie_{{i + 1}}" {
                  role       = aws_iam_role.qrie.name
                  policy_arn = aws_iam_policy.qrie_{{i + 1}}.arn
                }

                """);
        }

        return text.ToString();
    }
}

/// <summary>An IAM policy document; its names are IAM's.</summary>
public sealed record PolicyDocument(string Version, IReadOnlyList<PolicyAllows> Statement);

/// <summary>A statement of one.</summary>
public sealed record PolicyAllows(string Sid, string Effect, IReadOnlyList<string> Action, string Resource);
