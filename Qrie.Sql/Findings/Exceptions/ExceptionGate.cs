using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Exceptions;

/// <summary>Decides in a transaction which exceptions hold findings. Resources must be loaded before.</summary>
internal sealed class ExceptionGate
{
    private const int HashLength = 16;

    private readonly DbTransaction _transaction;
    private readonly SqlDatabase _database;
    private readonly string _organization;
    private readonly ExceptionSet _exceptions;
    private readonly Dictionary<(string AccountService, string Arn), IReadOnlyDictionary<string, string>?> _tags = [];
    private readonly Dictionary<EvidenceKey, Evidence> _evidence = [];
    private readonly HashSet<EvidenceKey> _changed = [];

    private ExceptionGate(DbTransaction transaction, SqlDatabase database, string organization, ExceptionSet exceptions) =>
        (_transaction, _database, _organization, _exceptions) = (transaction, database, organization, exceptions);

    /// <summary>Null if no exception is in force.</summary>
    public static async Task<ExceptionGate?> OpenAsync(DbTransaction transaction, SqlDatabase database, ExceptionSets sets, string organization) =>
        await sets.ReadAsync(transaction, organization) is { Count: > 0 } exceptions
            ? new ExceptionGate(transaction, database, organization, exceptions)
            : null;

    /// <summary>Loads what exceptions depend on besides the finding.</summary>
    public async Task LoadAsync(string accountService, IReadOnlyCollection<string> arns)
    {
        if (_exceptions.NeedsTags)
        {
            foreach (var (arn, tags) in await ByArn.ReadAsync<(string Arn, string? Tags)>(
                _database, _transaction.Connection!, _transaction, _organization, accountService, arns,
                "arn, tags", "resources"))
            {
                _tags[(accountService, arn)] = Columns.FromJsonOrNull<Dictionary<string, string>>(tags);
            }
        }

        if (_exceptions.NeedsEvidence)
        {
            foreach (var (arn, policyId, exceptionId, hash, ended) in
                await ByArn.ReadAsync<(string Arn, string PolicyId, string ExceptionId, string Hash, long Ended)>(
                    _database, _transaction.Connection!, _transaction, _organization, accountService, arns,
                    "arn, policy_id, exception_id, hash, ended", "exception_evidence"))
            {
                _evidence[new EvidenceKey(accountService, arn, policyId, exceptionId)] = new Evidence(hash, ended != 0);
            }
        }
    }

    /// <summary>The exception that holds a finding with this evidence; null if none does.</summary>
    public string? Find(string accountService, string region, string arn, string policyId, JsonElement evidence)
    {
        var covering = _exceptions.Covering(
            AccountService.Split(accountService).AccountId, region, arn, policyId, _tags.GetValueOrDefault((accountService, arn)));
        return covering.FirstOrDefault(
            e => !e.UntilChanged || IsUnchanged(new EvidenceKey(accountService, arn, policyId, e.ExceptionId), evidence))?.ExceptionId;
    }

    public async Task SaveAsync()
    {
        if (_changed.Count > 0)
        {
            await _transaction.ExecuteRowsAsync(
                """
                INSERT INTO exception_evidence (organization, account_service, arn, policy_id, exception_id, hash, ended)
                VALUES (@_organization, @AccountService, @Arn, @PolicyId, @ExceptionId, @Hash, @ended)
                ON CONFLICT (organization, account_service, arn, policy_id, exception_id) DO UPDATE SET ended = excluded.ended
                """,
                _changed.Select(key => new
                {
                    _organization,
                    key.AccountService,
                    key.Arn,
                    key.PolicyId,
                    key.ExceptionId,
                    _evidence[key].Hash,
                    ended = _evidence[key].HasEnded ? 1 : 0,
                }).ToList());
        }
    }

    /// <summary>The first evidence is remembered. After a change the exception never holds the finding again.</summary>
    private bool IsUnchanged(EvidenceKey key, JsonElement evidence)
    {
        var hash = HashOf(evidence);
        if (!_evidence.TryGetValue(key, out var known))
        {
            _evidence[key] = new Evidence(hash, HasEnded: false);
            _changed.Add(key);
            return true;
        }

        if (!known.HasEnded && known.Hash != hash)
        {
            _evidence[key] = known with { HasEnded = true };
            _changed.Add(key);
            return false;
        }

        return !known.HasEnded;
    }

    private static string HashOf(JsonElement evidence) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(evidence.GetRawText())))[..HashLength];

    private sealed record EvidenceKey(string AccountService, string Arn, string PolicyId, string ExceptionId);

    private sealed record Evidence(string Hash, bool HasEnded);
}
