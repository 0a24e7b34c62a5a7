using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>The settings of an account.</summary>
/// <param name="RoleArn">An ARN; {account} in it is replaced by the account id.</param>
/// <param name="Services">The watched services, as named by GET /services; null for all.</param>
internal sealed record SettingsBody(
    string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags, string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions,
    IReadOnlyList<string>? Services)
{
    /// <summary>Reads an object in which null differs from a missing key.</summary>
    public static SettingsBody Of(IReadOnlyDictionary<string, JsonElement> named)
    {
        try
        {
            return JsonSerializer.SerializeToElement(named).Deserialize<SettingsBody>(ApiJson.Options)!;
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..].Split('.', '[')[0] : "body";
            throw InvalidInputException.Of(field, $"{field} has the wrong type.");
        }
    }

    public AccountSettings ToSettings() => new()
    {
        Name = Name,
        Ou = Ou,
        Tags = Tags,
        RoleArn = RoleArn,
        ExternalId = ExternalId,
        Regions = Regions,
        Services = Services,
    };

    /// <summary>Given keys, including null, replace the previous values.</summary>
    public AccountSettings Patch(AccountSettings before, Func<string, bool> isNamed) => new()
    {
        Name = isNamed("name") ? Name : before.Name,
        Ou = isNamed("ou") ? Ou : before.Ou,
        Tags = isNamed("tags") ? Tags : before.Tags,
        RoleArn = isNamed("role_arn") ? RoleArn : before.RoleArn,
        ExternalId = isNamed("external_id") ? ExternalId : before.ExternalId,
        Regions = isNamed("regions") ? Regions : before.Regions,
        Services = isNamed("services") ? Services : before.Services,
    };
}
