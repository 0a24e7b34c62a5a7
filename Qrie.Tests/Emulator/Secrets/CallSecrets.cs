using Qrie.Aws.Api;
using static Qrie.Tests.Emulator.Secrets.PlantedSecrets;

namespace Qrie.Tests.Emulator.Secrets;

/// <summary>Secrets in services that only <c>qrie call</c> can read.</summary>
internal static class CallSecrets
{
    public static async Task<IReadOnlyList<(AwsCall Call, string Secret)>> PlantAsync(Estate estate)
    {
        var role = $"arn:aws:iam::{estate.AccountId}:role/service";
        await estate.DoAsync("iam", "CreateRole", new
        {
            RoleName = "service",
            AssumeRolePolicyDocument =
                """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codepipeline.amazonaws.com"},"Action":"sts:AssumeRole"}]}""",
        });
        return
        [
            .. await PlantInComputeAsync(estate, role),
            .. await PlantInDeliveryAsync(estate, role),
            .. await PlantInIntegrationAsync(estate, role),
            .. await PlantInDataAsync(estate, role),
            .. await PlantInSecurityAsync(estate),
        ];
    }

    private static async Task<List<(AwsCall Call, string Secret)>> PlantInComputeAsync(Estate estate, string role)
    {
        await estate.DoAsync("lambda", "CreateFunction", new
        {
            FunctionName = "planted",
            Runtime = "python3.12",
            Handler = "a.b",
            Role = role,
            Code = new { ZipFile = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" },
            Environment = new { Variables = new { DB_PASSWORD = Password } },
        });
        await estate.DoAsync("ecs", "RegisterTaskDefinition", new
        {
            family = "planted",
            containerDefinitions = new[]
            {
                new { name = "c", image = "i", memory = 64, command = new[] { "--password", Password },
                    environment = new[] { new { name = "P", value = Password } } },
            },
        });
        await estate.DoAsync("batch", "RegisterJobDefinition", new
        {
            jobDefinitionName = "planted",
            type = "container",
            parameters = new { p = Password },
            containerProperties = new
            {
                image = "i",
                vcpus = 1,
                memory = 128,
                command = new[] { "--password", Password },
                environment = new[] { new { name = "P", value = Password } },
            },
        });
        await estate.DoAsync("ec2", "CreateLaunchTemplate", new { LaunchTemplateName = "planted", LaunchTemplateData = new { UserData } });
        await estate.DoAsync(
            "autoscaling", "CreateLaunchConfiguration",
            new { LaunchConfigurationName = "planted", ImageId = "ami-12c6146b", InstanceType = "t2.micro", UserData });
        var processing = new { ClusterConfig = new { InstanceType = "ml.m4.xlarge", InstanceCount = 1, VolumeSizeInGB = 1 } };
        await estate.DoAsync(
            "sagemaker", "CreateModel",
            new { ModelName = "planted", ExecutionRoleArn = role, PrimaryContainer = new { Image = "i", Environment = new { P = Password } } });
        await estate.DoAsync("sagemaker", "CreateTrainingJob", new
        {
            TrainingJobName = "planted",
            AlgorithmSpecification = new { TrainingImage = "i", TrainingInputMode = "File" },
            RoleArn = role,
            OutputDataConfig = new { S3OutputPath = "s3://b" },
            ResourceConfig = processing.ClusterConfig,
            StoppingCondition = new { },
            HyperParameters = new { p = Password },
            Environment = new { P = Password },
        });
        await estate.DoAsync("sagemaker", "CreateProcessingJob", new
        {
            ProcessingJobName = "planted",
            AppSpecification = new { ImageUri = "i", ContainerArguments = new[] { Password } },
            RoleArn = role,
            ProcessingResources = processing,
            Environment = new { P = Password },
        });
        await estate.DoAsync("sagemaker", "CreateNotebookInstanceLifecycleConfig", new
        {
            NotebookInstanceLifecycleConfigName = "planted",
            OnStart = new[] { new { Content = UserData } },
        });
        return
        [
            (estate.Call("lambda", "ListFunctions"), Password),
            (estate.Call("lambda", "GetFunctionConfiguration", new { FunctionName = "planted" }), Password),
            (estate.Call("ecs", "DescribeTaskDefinition", new { taskDefinition = "planted" }), Password),
            (estate.Call("batch", "DescribeJobDefinitions"), Password),
            (estate.Call("ec2", "DescribeLaunchTemplateVersions", new { LaunchTemplateName = "planted" }), UserData),
            (estate.Call("autoscaling", "DescribeLaunchConfigurations"), UserData),
            (estate.Call("sagemaker", "DescribeModel", new { ModelName = "planted" }), Password),
            (estate.Call("sagemaker", "DescribeTrainingJob", new { TrainingJobName = "planted" }), Password),
            (estate.Call("sagemaker", "DescribeProcessingJob", new { ProcessingJobName = "planted" }), Password),
            (estate.Call("sagemaker", "DescribeNotebookInstanceLifecycleConfig", new { NotebookInstanceLifecycleConfigName = "planted" }), UserData),
        ];
    }

    private static async Task<List<(AwsCall Call, string Secret)>> PlantInDeliveryAsync(Estate estate, string role)
    {
        await estate.DoAsync("codebuild", "CreateProject", new
        {
            name = "planted",
            source = new { type = "S3", location = "b/x" },
            artifacts = new { type = "NO_ARTIFACTS" },
            serviceRole = $"arn:aws:iam::{estate.AccountId}:role/service-role/r",
            environment = new
            {
                type = "LINUX_CONTAINER",
                image = "i",
                computeType = "BUILD_GENERAL1_SMALL",
                environmentVariables = new[] { new { name = "P", value = Password } },
            },
        });
        object Action(string name, object type, object configuration) => new { name, actionTypeId = type, configuration };
        await estate.DoAsync("codepipeline", "CreatePipeline", new
        {
            pipeline = new
            {
                name = "planted",
                roleArn = role,
                artifactStore = new { type = "S3", location = "artifacts" },
                stages = new[]
                {
                    new { name = "s", actions = new[] { Action(
                        "a", new { category = "Source", owner = "ThirdParty", provider = "GitHub", version = "1" }, new { OAuthToken = Password }) } },
                    new { name = "t",
                        actions = new[] { Action("a", new { category = "Approval", owner = "AWS", provider = "Manual", version = "1" }, new { }) } },
                },
            },
        });
        var template = $$"""
            {"Parameters": {"P": {"Type": "String"} }, "Resources": {"Q": {"Type": "AWS::SNS::Topic", "Metadata": {"p": "{{Password}}"} } },
            "Outputs": {"O": {"Value": {"Ref": "P"}, "Export": {"Name": "planted"} } } }
            """;
        var parameters = new[] { new { ParameterKey = "P", ParameterValue = Password } };
        await estate.DoAsync("cloudformation", "CreateStack", new { StackName = "planted", TemplateBody = template, Parameters = parameters });
        await estate.DoAsync("cloudformation", "CreateStackSet", new { StackSetName = "planted", TemplateBody = template, Parameters = parameters });
        await estate.DoAsync("ssm", "PutParameter", new { Name = "planted", Type = "SecureString", Value = Password, Description = $"key {AccessKey}" });
        await estate.DoAsync("ssm", "CreateDocument", new
        {
            Name = "planted",
            DocumentType = "Command",
            Content =
                """{"schemaVersion":"2.2","description":"d","mainSteps":[{"action":"aws:runShellScript","name":"a","inputs":"""
                + """{"runCommand":["export P=PASSWORD"]}}]}""".Replace("PASSWORD", Password, StringComparison.Ordinal),
        });
        return
        [
            (estate.Call("codebuild", "BatchGetProjects", new { names = new[] { "planted" } }), Password),
            (estate.Call("codepipeline", "GetPipeline", new { name = "planted" }), Password),
            (estate.Call("cloudformation", "DescribeStacks"), Password),
            (estate.Call("cloudformation", "ListExports"), Password),
            (estate.Call("cloudformation", "DescribeStackSet", new { StackSetName = "planted" }), Password),
            (estate.Call("ssm", "DescribeParameters"), AccessKey),
            (estate.Call("ssm", "GetDocument", new { Name = "planted" }), Password),
        ];
    }

    private static async Task<List<(AwsCall Call, string Secret)>> PlantInIntegrationAsync(Estate estate, string role)
    {
        var api = (await estate.DoAsync("apigateway", "CreateRestApi", new { name = "planted", description = Url })).GetProperty("id").GetString();
        var root = (await estate.DoAsync("apigateway", "GetResources", new { restApiId = api })).GetProperty("items")[0].GetProperty("id").GetString();
        await estate.DoAsync("apigateway", "PutMethod", new { restApiId = api, resourceId = root, httpMethod = "GET", authorizationType = "NONE" });
        await estate.DoAsync("apigateway", "PutIntegration", new
        {
            restApiId = api,
            resourceId = root,
            httpMethod = "GET",
            type = "HTTP",
            uri = "http://example.com",
            integrationHttpMethod = "GET",
            requestParameters = new Dictionary<string, string> { ["integration.request.header.X"] = $"'{Password}'" },
        });
        await estate.DoAsync("apigateway", "CreateDeployment", new { restApiId = api, stageName = "s", variables = new { p = Password } });
        var key = (await estate.DoAsync("apigateway", "CreateApiKey", new { name = "planted", value = Password, enabled = true }))
            .GetProperty("id").GetString();
        var plan = (await estate.DoAsync("apigateway", "CreateUsagePlan", new { name = "planted" })).GetProperty("id").GetString();
        await estate.DoAsync("apigateway", "CreateUsagePlanKey", new { usagePlanId = plan, keyId = key, keyType = "API_KEY" });
        var http = (await estate.DoAsync("apigatewayv2", "CreateApi", new { Name = "planted", ProtocolType = "HTTP" })).GetProperty("ApiId").GetString();
        await estate.DoAsync("apigatewayv2", "CreateStage", new { ApiId = http, StageName = "s", StageVariables = new { p = Password } });
        await estate.DoAsync(
            "apigatewayv2", "CreateIntegration",
            new { ApiId = http, IntegrationType = "HTTP_PROXY", IntegrationUri = "http://x", RequestParameters = new { p = Password } });
        var topic = (await estate.DoAsync("sns", "CreateTopic", new { Name = "planted" })).GetProperty("TopicArn").GetString();
        await estate.DoAsync("sns", "Subscribe", new { TopicArn = topic, Protocol = "https", Endpoint = Url });
        await estate.DoAsync("events", "PutRule", new { Name = "planted", ScheduleExpression = "rate(1 day)" });
        await estate.DoAsync(
            "events", "PutTargets", new { Rule = "planted", Targets = new[] { new { Id = "1", Arn = topic, Input = $$"""{"p":"{{Password}}"}""" } } });
        await estate.DoAsync("events", "CreateConnection", new
        {
            Name = "planted",
            AuthorizationType = "API_KEY",
            AuthParameters = new
            {
                ApiKeyAuthParameters = new { ApiKeyName = "k", ApiKeyValue = Password },
                InvocationHttpParameters = new { HeaderParameters = new[] { new { Key = "X", Value = Password } } },
            },
        });
        await estate.DoAsync("scheduler", "CreateSchedule", new
        {
            Name = "planted",
            ScheduleExpression = "rate(1 day)",
            FlexibleTimeWindow = new { Mode = "OFF" },
            Target = new { Arn = topic, RoleArn = role, Input = Password },
        });
        await estate.DoAsync("pipes", "CreatePipe", new
        {
            Name = "planted",
            RoleArn = role,
            Source = $"arn:aws:sqs:us-east-1:{estate.AccountId}:q",
            Target = $"arn:aws:batch:us-east-1:{estate.AccountId}:job-queue/q",
            TargetParameters = new
            {
                BatchJobParameters = new
                {
                    JobDefinition = "d",
                    JobName = "n",
                    Parameters = new { p = Password },
                    ContainerOverrides = new { Environment = new[] { new { Name = "P", Value = Password } } },
                },
            },
        });
        await estate.DoAsync("stepfunctions", "CreateStateMachine", new
        {
            name = "planted",
            roleArn = role,
            definition = """{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"PASSWORD","End":true}}}""".Replace(
                "PASSWORD", Password, StringComparison.Ordinal),
        });
        var broker = (await estate.DoAsync("mq", "CreateConfiguration", new { Name = "planted", EngineType = "ActiveMQ", EngineVersion = "5.17" }))
            .GetProperty("Id").GetString();
        await estate.DoAsync("mq", "UpdateConfiguration", new { ConfigurationId = broker, Data = Base64(Password) });
        return
        [
            (estate.Call("apigateway", "GetRestApis"), Url),
            (estate.Call("apigateway", "GetStages", new { restApiId = api }), Password),
            (estate.Call("apigateway", "GetResources", new { restApiId = api, embed = new[] { "methods" } }), Password),
            (estate.Call("apigateway", "GetUsagePlanKeys", new { usagePlanId = plan }), Password),
            (estate.Call("apigatewayv2", "GetStages", new { ApiId = http }), Password),
            (estate.Call("apigatewayv2", "GetIntegrations", new { ApiId = http }), Password),
            (estate.Call("sns", "ListSubscriptions"), Url),
            (estate.Call("events", "ListTargetsByRule", new { Rule = "planted" }), Password),
            (estate.Call("events", "DescribeConnection", new { Name = "planted" }), Password),
            (estate.Call("scheduler", "GetSchedule", new { Name = "planted" }), Password),
            (estate.Call("pipes", "DescribePipe", new { Name = "planted" }), Password),
            (estate.Call(
                "stepfunctions", "DescribeStateMachine",
                new { stateMachineArn = $"arn:aws:states:us-east-1:{estate.AccountId}:stateMachine:planted" }), Password),
            (estate.Call("mq", "DescribeConfigurationRevision", new { ConfigurationId = broker, ConfigurationRevision = "2" }), Base64(Password)),
        ];
    }

    private static async Task<List<(AwsCall Call, string Secret)>> PlantInDataAsync(Estate estate, string role)
    {
        await estate.DoAsync("glue", "CreateJob", new
        {
            Name = "planted",
            Role = "r",
            Command = new { Name = "glueetl" },
            DefaultArguments = new Dictionary<string, string> { ["--password"] = Password },
        });
        await estate.DoAsync("glue", "CreateConnection", new
        {
            ConnectionInput = new { Name = "planted", ConnectionType = "JDBC", ConnectionProperties = new { PASSWORD = Password, USERNAME = "u" } },
        });
        await estate.DoAsync(
            "glue", "CreateTrigger", new { Name = "planted", Type = "ON_DEMAND", Actions = new[] { new { JobName = "j", Arguments = new { p = Password } } } });
        await estate.DoAsync(
            "glue", "CreateSession", new { Id = "planted", Role = role, Command = new { Name = "glueetl" }, DefaultArguments = new { p = Password } });
        await estate.DoAsync("glue", "CreateWorkflow", new { Name = "planted", DefaultRunProperties = new { p = Password } });
        await estate.DoAsync("dms", "CreateEndpoint", new
        {
            EndpointIdentifier = "planted",
            EndpointType = "source",
            EngineName = "mysql",
            ServerName = "s",
            Port = 3306,
            DatabaseName = "d",
            Username = "u",
            Password,
            ExtraConnectionAttributes = $"password={Password}",
        });
        string[] arguments = [Password];
        var step = new { Jar = "j", Args = arguments };
        var cluster = (await estate.DoAsync("emr", "RunJobFlow", new
        {
            Name = "planted",
            Instances = new { MasterInstanceType = "m1.small", SlaveInstanceType = "m1.small", InstanceCount = 2 },
            JobFlowRole = "r",
            ServiceRole = "s",
            BootstrapActions = new[] { new { Name = "b", ScriptBootstrapAction = new { Path = "s3://b", Args = arguments } } },
            Steps = new[] { new { Name = "s", ActionOnFailure = "CONTINUE", HadoopJarStep = step } },
            Configurations = new[] { new { Classification = "c", Properties = new { p = Password } } },
        })).GetProperty("JobFlowId").GetString();
        return
        [
            (estate.Call("glue", "GetJobs"), Password),
            (estate.Call("glue", "GetConnections"), Password),
            (estate.Call("glue", "GetTriggers"), Password),
            (estate.Call("glue", "GetSession", new { Id = "planted" }), Password),
            (estate.Call("glue", "GetWorkflow", new { Name = "planted" }), Password),
            (estate.Call("dms", "DescribeEndpoints"), Password),
            (estate.Call("emr", "DescribeCluster", new { ClusterId = cluster }), Password),
            (estate.Call("emr", "ListSteps", new { ClusterId = cluster }), Password),
            (estate.Call("emr", "ListBootstrapActions", new { ClusterId = cluster }), Password),
            (estate.Call("emr", "DescribeJobFlows"), Password),
        ];
    }

    private static async Task<List<(AwsCall Call, string Secret)>> PlantInSecurityAsync(Estate estate)
    {
        await estate.DoAsync("secretsmanager", "CreateSecret", new { Name = "planted", SecretString = Password, Description = PrivateKey });
        var pool = (await estate.DoAsync("cognito-idp", "CreateUserPool", new { PoolName = "planted" })).GetProperty("UserPool").GetProperty("Id").GetString();
        await estate.DoAsync("cognito-idp", "CreateIdentityProvider", new
        {
            UserPoolId = pool,
            ProviderName = "planted",
            ProviderType = "Google",
            ProviderDetails = new { client_id = "i", client_secret = Password },
        });
        var visibility = new { SampledRequestsEnabled = false, CloudWatchMetricsEnabled = false, MetricName = "m" };
        var summary = (await estate.DoAsync("wafv2", "CreateWebACL", new
        {
            Name = "planted",
            Scope = "REGIONAL",
            DefaultAction = new { Allow = new { } },
            VisibilityConfig = visibility,
            Rules = new[]
            {
                new
                {
                    Name = "r",
                    Priority = 1,
                    Action = new { Block = new { } },
                    VisibilityConfig = visibility,
                    Statement = new
                    {
                        ByteMatchStatement = new
                        {
                            SearchString = Base64(Password),
                            FieldToMatch = new { SingleHeader = new { Name = "x-origin-secret" } },
                            TextTransformations = new[] { new { Priority = 0, Type = "NONE" } },
                            PositionalConstraint = "EXACTLY",
                        },
                    },
                },
            },
        })).GetProperty("Summary").GetProperty("Id").GetString();
        return
        [
            (estate.Call("secretsmanager", "ListSecrets"), PrivateKey),
            (estate.Call("secretsmanager", "DescribeSecret", new { SecretId = "planted" }), PrivateKey),
            (estate.Call("cognito-idp", "DescribeIdentityProvider", new { UserPoolId = pool, ProviderName = "planted" }), Password),
            (estate.Call("wafv2", "GetWebACL", new { Name = "planted", Scope = "REGIONAL", Id = summary }), Base64(Password)),
        ];
    }
}
