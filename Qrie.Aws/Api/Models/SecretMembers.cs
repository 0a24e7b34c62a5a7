using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>
/// The reviewed list <c>catalog/aws/secrets.json</c>: members of AWS's answers that hold secrets, or anything that people put secrets into, though AWS does not
/// mark them. They are redacted wherever their shape is answered, by whatever operation.
/// </summary>
internal sealed class SecretMembers
{
    private readonly Dictionary<string, Dictionary<string, string>> _services = new(StringComparer.Ordinal);

    /// <summary>Everything that is named: service, <c>Shape.member</c>, and why.</summary>
    public IEnumerable<(string Service, string Member, string Reason)> All => _services.SelectMany(s => s.Value.Select(m => (s.Key, m.Key, m.Value)));

    /// <summary>Reads <c>secrets.json</c> of each folder that has one. A later folder adds to an earlier one; nothing is taken off the list.</summary>
    /// <exception cref="AwsCatalogException">A file is not readable.</exception>
    public static SecretMembers Open(IReadOnlyList<string> folders)
    {
        var secrets = new SecretMembers();
        foreach (var file in folders.Select(f => Path.Combine(f, "secrets.json")).Where(File.Exists))
        {
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(file));
                foreach (var service in document.RootElement.EnumerateObject())
                {
                    secrets.Add(service);
                }
            }
            catch (Exception e) when (e is IOException or JsonException or InvalidOperationException)
            {
                throw new AwsCatalogException($"{file}: not a list of secret members ({e.Message})", e);
            }
        }

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
            members[member.Name] = member.Value.GetString() ?? throw new InvalidOperationException($"{service.Name} {member.Name} has no reason");
        }
    }
}
