using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>
/// The reviewed list <c>catalog/aws/secrets.json</c>: members of AWS's responses that hold secrets, or in which people store secrets, although AWS does not
/// mark them as sensitive. They are redacted wherever their shape is returned, whatever the operation.
/// </summary>
internal sealed class SecretMembers
{
    private readonly Dictionary<string, Dictionary<string, string>> _services = new(StringComparer.Ordinal);

    /// <summary>All entries: service, <c>Shape.member</c>, and the reason.</summary>
    public IEnumerable<(string Service, string Member, string Reason)> All => _services.SelectMany(s => s.Value.Select(m => (s.Key, m.Key, m.Value)));

    /// <summary>Reads <c>secrets.json</c> of each folder that has one. A later folder adds to an earlier one and cannot remove entries.</summary>
    /// <exception cref="AwsCatalogException">A file is not readable or not valid.</exception>
    public static SecretMembers Open(IReadOnlyList<string> folders)
    {
        var secrets = new SecretMembers();
        ReviewedList.Read(folders, "secrets.json", secrets.Add);
        return secrets;
    }

    public bool Names(string service, string shape, string member) =>
        _services.TryGetValue(service, out var members) && members.ContainsKey($"{shape}.{member}");

    private void Add(JsonProperty service)
    {
        if (!_services.TryGetValue(service.Name, out var members))
        {
            _services[service.Name] = members = new Dictionary<string, string>(StringComparer.Ordinal);
        }

        foreach (var member in service.Value.EnumerateObject())
        {
            members[member.Name] = ReviewedList.Text(member, service.Name);
        }
    }
}
