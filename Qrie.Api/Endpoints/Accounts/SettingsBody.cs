using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Accounts;

/// <summary>What is said about an account.</summary>
/// <param name="RoleArn">An ARN; {account} in it stands for the account id.</param>
/// <param name="Services">Those that are watched, by the names of GET /services; null: all.</param>
internal sealed record SettingsBody(
    string? Name, string? Ou, IReadOnlyDictionary<string, string>? Tags, string? RoleArn, string? ExternalId, IReadOnlyList<string>? Regions,
    IReadOnlyList<string>? Services)
{
    /// <summary>From an object whose keys matter, because null is not the same as nothing.</summary>
    public static SettingsBody Of(IReadOnlyDictionary<string, JsonElement> named)
    {
        try
        {
            return JsonSerializer.SerializeToElement(named).Deserialize<SettingsBody>(ApiJson.Options)!;
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..].Split('.', '[')[0] : "body";
            throw InvalidInputException.Of(field, $"{field} has a value of the wrong kind.");
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

    /// <summary>What is named replaces what was before, with null too.</summary>
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
