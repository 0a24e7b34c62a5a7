using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;

namespace Qrie.Api.WebConsole;

/// <summary>
/// Who has signed in to the console through the identity provider. Sessions are in memory, as the key of their cookie is: after a restart one signs in again,
/// which the provider usually does without a question.
/// </summary>
internal sealed class ConsoleSessions(TimeProvider clock)
{
    /// <summary>Begins the content of the cookie of a session; keys begin otherwise.</summary>
    public const string Prefix = "session:";

    private const int IdBytes = 32;
    private const int Most = 10_000;

    /// <summary>How long one can sign out of the provider after signing out of the console.</summary>
    private static readonly TimeSpan s_keepEnded = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Its id, with the prefix.</summary>
    public string Begin(ClaimsPrincipal viewer, string? idToken, TimeSpan length)
    {
        var now = clock.GetUtcNow();
        if (_sessions.Count >= Most)
        {
            foreach (var session in _sessions.OrderBy(s => s.Value.EndsAt).Take(_sessions.Count - Most + 1).ToList())
            {
                _sessions.TryRemove(session);
            }
        }

        foreach (var session in _sessions.Where(s => s.Value.EndsAt <= now).ToList())
        {
            _sessions.TryRemove(session);
        }

        var id = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        _sessions[id] = new Session(viewer, idToken, now + length, IsEnded: false);
        return id;
    }

    /// <summary>Null: there is none, or it has ended.</summary>
    public ClaimsPrincipal? Find(string id) =>
        _sessions.TryGetValue(id, out var session) && !session.IsEnded && session.EndsAt > clock.GetUtcNow() ? session.Viewer : null;

    /// <summary>Ends it at once, also for pages that are open.</summary>
    public void End(string id)
    {
        if (_sessions.TryGetValue(id, out var session))
        {
            _sessions.TryUpdate(id, session with { IsEnded = true, EndsAt = clock.GetUtcNow() + s_keepEnded }, session);
        }
    }

    /// <summary>The token with which the provider recognizes whom to sign out, once; null if it is not known any more.</summary>
    public string? TakeIdToken(string id) => _sessions.TryGetValue(id, out var session) && session.IsEnded && _sessions.TryRemove(id, out _)
        ? session.IdToken
        : null;

    private sealed record Session(ClaimsPrincipal Viewer, string? IdToken, DateTimeOffset EndsAt, bool IsEnded);
}

/// <summary>A feature of requests that the console makes for someone with a session. Requests from outside cannot have it.</summary>
internal sealed record ConsoleSession(string Id);
