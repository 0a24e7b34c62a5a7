namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Combinations of actions with which an identity can get further permissions: by changing a policy, by taking over another identity, or by passing a
/// role to a resource that runs the holder's code (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html and the action reference of
/// each service, https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
/// </summary>
internal static class EscalationPaths
{
    private const string PassRole = "iam:PassRole";

    public static IReadOnlyList<string[]> All { get; } =
    [
        // The identity's own policy, or an attached one.
        ["iam:CreatePolicyVersion"],
        ["iam:SetDefaultPolicyVersion"],
        ["iam:AttachUserPolicy"],
        ["iam:AttachGroupPolicy"],
        ["iam:AttachRolePolicy"],
        ["iam:PutUserPolicy"],
        ["iam:PutGroupPolicy"],
        ["iam:PutRolePolicy"],
        ["iam:AddUserToGroup"],

        // Another identity.
        ["iam:CreateAccessKey"],
        ["iam:CreateLoginProfile"],
        ["iam:UpdateLoginProfile"],
        ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],

        // A role for a resource that the holder starts.
        [PassRole, "ec2:RunInstances"],
        [PassRole, "lambda:CreateFunction", "lambda:InvokeFunction"],
        [PassRole, "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
        [PassRole, "lambda:CreateFunction", "lambda:AddPermission"],
        [PassRole, "cloudformation:CreateStack"],
        [PassRole, "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
        [PassRole, "glue:CreateDevEndpoint"],
        [PassRole, "glue:CreateJob", "glue:StartJobRun"],
        [PassRole, "codebuild:CreateProject", "codebuild:StartBuild"],
        [PassRole, "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
        [PassRole, "sagemaker:CreateTrainingJob"],
        [PassRole, "sagemaker:CreateProcessingJob"],
        [PassRole, "ecs:RegisterTaskDefinition", "ecs:RunTask"],
        [PassRole, "ecs:RegisterTaskDefinition", "ecs:CreateService"],
        [PassRole, "states:CreateStateMachine", "states:StartExecution"],
        [PassRole, "bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"],
        [PassRole, "apprunner:CreateService"],
        [PassRole, "ssm:StartAutomationExecution"],
        [PassRole, "scheduler:CreateSchedule"],

        // A resource that already has a role.
        ["lambda:UpdateFunctionCode"],
        ["glue:UpdateDevEndpoint"],
        ["glue:UpdateJob", "glue:StartJobRun"],
        ["codebuild:UpdateProject", "codebuild:StartBuild"],
        ["cloudformation:UpdateStack"],
        ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
        ["sagemaker:CreatePresignedNotebookInstanceUrl"],
        ["ssm:SendCommand"],
        ["ssm:StartSession"],
        ["ec2-instance-connect:SendSSHPublicKey"],
        ["ecs:ExecuteCommand"],
    ];
}
