namespace Qrie.Domain.Accounts.Discovery;

/// <summary>How accounts are discovered.</summary>
/// <param name="NewAccounts">What accounts become that were not known: <see cref="AccountStatus.Active"/> or <see cref="AccountStatus.Pending"/>.</param>
public sealed record DiscoverySettings(AccountStatus NewAccounts = AccountStatus.Pending);
