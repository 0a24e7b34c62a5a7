namespace Qrie.Api.Cli.Qop;

/// <summary>The action.</summary>
internal enum QopAction
{
    GenerateInventory,
    ScanAccount,
    AddAccount,
    RemoveAccount,
    List,
    Info,
    TestApi,
}

/// <summary>A validated invocation of <c>qrie qop</c>.</summary>
internal sealed record QopRequest(QopAction Action, Uri Url, string? ApiKey)
{
    public string? AccountId { get; init; }

    public string Service { get; init; } = "all";

    public string ScanType { get; init; } = "bootstrap";

    public string? AccountName { get; init; }

    public string? Environment { get; init; }

    public string? Ou { get; init; }

    public string? RoleArn { get; init; }

    public string? ExternalId { get; init; }

    public bool Scan { get; init; }

    public bool SkipConfirm { get; init; }

    public bool DryRun { get; init; }

    public bool Json { get; init; }

    public string? Endpoint { get; init; }

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();
}
