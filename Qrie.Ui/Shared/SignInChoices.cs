namespace Qrie.Ui.Shared;

/// <summary>How one can sign in to the console.</summary>
/// <param name="Provider">The host name of the identity provider; null: with API keys only.</param>
public sealed record SignInChoices(string? Provider);
