using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

/// <summary>The policies of an evaluation, in order: a million evaluations share a few of these.</summary>
internal sealed record PolicyList(string Name, IReadOnlyList<ListedPolicy> Policies);

internal sealed record ListedPolicy(string PolicyId, long Revision);

/// <summary>The policy lists of a transaction or a read, each read or written once.</summary>
internal sealed class PolicyLists(DbConnection connection, DbTransaction? transaction)
{
    private const int NameLength = 16;

    private readonly Dictionary<string, PolicyList> _known = [];

    /// <summary>The last list: the resources of a batch usually have the same.</summary>
    private PolicyList? _last;

    /// <summary>The list of an evaluation; stored if it is new.</summary>
    public async Task<PolicyList> OfAsync(IReadOnlyList<EvaluatedPolicy> policies)
    {
        if (_last is not null && IsSame(_last, policies))
        {
            return _last;
        }

        ListedPolicy[] listed = [.. policies.Select(p => new ListedPolicy(p.PolicyId, p.Revision))];
        var list = new PolicyList(NameOf(listed), listed);
        if (_known.TryAdd(list.Name, list))
        {
            await connection.ExecuteAsync(
                "INSERT INTO policy_lists (policy_list, policies) VALUES (@Name, @policies) ON CONFLICT (policy_list) DO NOTHING",
                new { list.Name, policies = Columns.Json(listed) }, transaction);
        }

        return _last = list;
    }

    public async Task<PolicyList> FindAsync(string name)
    {
        if (!_known.TryGetValue(name, out var list))
        {
            var text = await connection.ExecuteScalarAsync<string>("SELECT policies FROM policy_lists WHERE policy_list = @name", new { name }, transaction);
            _known[name] = list = new PolicyList(name, Columns.FromJson<List<ListedPolicy>>(text!));
        }

        return list;
    }

    private static bool IsSame(PolicyList list, IReadOnlyList<EvaluatedPolicy> policies)
    {
        if (list.Policies.Count != policies.Count)
        {
            return false;
        }

        for (var i = 0; i < policies.Count; i++)
        {
            if (list.Policies[i].Revision != policies[i].Revision || list.Policies[i].PolicyId != policies[i].PolicyId)
            {
                return false;
            }
        }

        return true;
    }

    private static string NameOf(IEnumerable<ListedPolicy> policies) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', policies.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.PolicyId} {p.Revision}"))))))[..NameLength];
}
