using System.Net;
using System.Reflection;
using System.Security.Claims;
using Qrie.Api.Access.SignIn;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;

namespace Qrie.Api.Access;

/// <summary>The caller of a request. Endpoints receive it as a parameter and take their organization only from it.</summary>
/// <param name="Organization">The organization whose data is accessible.</param>
/// <param name="KeyId">The id of the key, or <c>oidc:</c> and the subject of the identity provider; null without either.</param>
/// <param name="KeyName">Of the key or the person; null without either, or if it has no name.</param>
/// <param name="Accounts">The accounts that a reader is limited to; null for all of the organization. Never empty.</param>
internal sealed record Caller(
    string Organization, Role Role, string? KeyId, string? KeyName, IReadOnlySet<string>? Accounts, string? Address, string RequestId)
{
    private const string AccountClaim = "account";

    private const string OrganizationClaim = "organization";
    private const string Anonymous = "anonymous";

    /// <summary>The name in the audit log.</summary>
    public Actor Actor => new(KeyId ?? Anonymous, KeyName, Role, Address, RequestId);

    /// <summary>Whether the caller manages the installation, and not only its organization.</summary>
    public bool ManagesInstallation => Role == Role.Admin && Organization == Organizations.Default;

    /// <summary>Whether data of this account is accessible.</summary>
    public bool Sees(string accountId) => Accounts?.Contains(accountId) ?? true;

    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<Caller?>(Of(context));

    public static Caller Of(HttpContext context) =>
        TryOf(context) ?? throw new InvalidOperationException($"{context.Request.Path} has no caller: its endpoint needs no role.");

    /// <summary>Null for an unknown caller.</summary>
    public static Caller? TryOf(HttpContext context) => context.User.Identity is not { IsAuthenticated: true } ? null : new Caller(
        context.User.FindFirstValue(OrganizationClaim)!, Enum.Parse<Role>(context.User.FindFirstValue(ClaimTypes.Role)!),
        context.User.FindFirstValue(ClaimTypes.NameIdentifier),
        context.User.FindFirstValue(ClaimTypes.Name), AccountsOf(context.User), AddressOf(context.Connection.RemoteIpAddress), RequestIds.Of(context));

    public static ClaimsPrincipal PrincipalOf(ApiKey key) => PrincipalOf(
        "key",
        [new(OrganizationClaim, key.Organization), new(ClaimTypes.Role, key.Role.ToString()), new(ClaimTypes.NameIdentifier, key.KeyId), .. NameOf(key)]);

    /// <summary>Someone that the identity provider knows.</summary>
    public static ClaimsPrincipal PrincipalOf(Grant grant, string id, string? name) => PrincipalOf(
        "oidc",
        [
            new(OrganizationClaim, grant.Organization), new(ClaimTypes.Role, grant.Role.ToString()), new(ClaimTypes.NameIdentifier, id),
            .. name is null ? [] : (Claim[])[new(ClaimTypes.Name, name)], .. (grant.Accounts ?? []).Select(a => new Claim(AccountClaim, a)),
        ]);

    public static ClaimsPrincipal AnonymousIn(Role role) => PrincipalOf(
        Anonymous, [new(OrganizationClaim, Organizations.Default), new(ClaimTypes.Role, role.ToString())]);

    private static HashSet<string>? AccountsOf(ClaimsPrincipal user) =>
        user.FindAll(AccountClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } accounts ? accounts : null;

    private static IEnumerable<Claim> NameOf(ApiKey key) => key.Name is null ? [] : [new Claim(ClaimTypes.Name, key.Name)];

    private static ClaimsPrincipal PrincipalOf(string type, Claim[] claims) => new(new ClaimsIdentity(claims, type));

    private static string? AddressOf(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
