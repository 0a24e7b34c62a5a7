namespace Qrie.Domain.Accounts.Discovery;

/// <summary>Settings of account discovery.</summary>
/// <param name="NewAccounts">The status of newly found accounts: <see cref="AccountStatus.Active"/> or <see cref="AccountStatus.Pending"/>.</param>
public sealed record DiscoverySettings(AccountStatus NewAccounts = AccountStatus.Pending);
