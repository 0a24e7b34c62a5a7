using System.Globalization;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Findings.Exceptions;

/// <summary>Creates, changes and removes exceptions. The findings follow in the background.</summary>
public sealed class ExceptionRegistry(IExceptionStore store, ICatalog catalog, ExceptionSettings settings, TimeProvider clock)
{
    private const int LongestText = 2000;
    private const int LongestName = 200;
    private const int LongestArn = 2048;
    private const int MostStars = 10;
    private const int MostPlaces = 200;

    private readonly WorkSignal _signal = new(clock);

    /// <summary>Completes when an exception was changed: take this before looking for work.</summary>
    public Task Asked => _signal.Next;

    public ExceptionSettings Settings => settings;

    /// <exception cref="InvalidInputException">The request is invalid; nothing was stored.</exception>
    /// <exception cref="ConflictException">Too many exceptions are in force.</exception>
    public async Task<FindingException> CreateAsync(ExceptionRequest request, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var exception = Read(request, errors);
        errors.ThrowIfAny();
        await AddAsync([exception!], cancel);
        return exception!;
    }

    /// <summary>Stores checked exceptions together.</summary>
    /// <exception cref="ConflictException">Too many exceptions are in force; nothing was stored.</exception>
    internal async Task AddAsync(IReadOnlyList<FindingException> exceptions, CancellationToken cancel)
    {
        if (!await store.AddAsync(exceptions, ExceptionSettings.MostInForce, cancel))
        {
            throw new ConflictException(string.Create(
                CultureInfo.InvariantCulture,
                $"At most {ExceptionSettings.MostInForce} exceptions may be in force. Remove some, or use one exception with a pattern for many resources."));
        }

        _signal.Wake();
    }

    /// <summary>Changes what is not null.</summary>
    /// <exception cref="InvalidInputException">The request is invalid.</exception>
    /// <exception cref="NotFoundException">There is no such exception.</exception>
    /// <exception cref="ConflictException">It has ended.</exception>
    public async Task<FindingException> ChangeAsync(string organization, string exceptionId, ExceptionChange change, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        errors.Require(
            change is not { Owner: null, Reason: null, Ticket: null, ExpiresAt: null }, "body",
            "At least one field (owner, reason, ticket, expires_at) must be provided; the findings that an exception covers cannot be changed.");
        CheckText(errors, change.Owner, "owner", LongestName, required: change.Owner is not null);
        CheckText(errors, change.Reason, "reason", LongestText, required: change.Reason is not null, lines: true);
        CheckText(errors, change.Ticket, "ticket", LongestName);
        if (change.ExpiresAt is { } expires)
        {
            CheckExpiry(errors, expires);
        }

        errors.ThrowIfAny();
        return await store.ChangeAsync(organization, exceptionId, change, cancel) ?? throw await WhyNotAsync(organization, exceptionId, cancel);
    }

    /// <summary>Its findings become active, unless another exception covers them.</summary>
    /// <exception cref="NotFoundException">There is no such exception.</exception>
    /// <exception cref="ConflictException">It has ended already.</exception>
    public async Task<FindingException> RemoveAsync(string organization, string exceptionId, CancellationToken cancel)
    {
        var removed = await store.RemoveAsync(organization, exceptionId, clock.GetUtcNow(), cancel)
            ?? throw await WhyNotAsync(organization, exceptionId, cancel);
        _signal.Wake();
        return removed;
    }

    /// <exception cref="NotFoundException">There is no such exception.</exception>
    public async Task<FindingException> GetAsync(string organization, string exceptionId, CancellationToken cancel) =>
        await store.FindAsync(organization, exceptionId, cancel) ?? throw NotFound();

    /// <summary>The exception of a request; null if there are errors.</summary>
    internal FindingException? Read(ExceptionRequest request, FieldErrors errors)
    {
        var (now, snapshot) = (clock.GetUtcNow(), catalog.Current);
        var policyId = request.PolicyId is null or "*" ? null : request.PolicyId;
        var definition = policyId is null ? null : snapshot.FindPolicy(policyId);
        errors.Require(
            policyId is null || definition is not null, "policy_id",
            $"Policy {SafeText.Clean(policyId ?? "")} is not in the catalog; see GET /policies, or leave it out for all policies.");
        var arn = request.Arn is null or "*" ? null : request.Arn;
        errors.Require(
            arn is null || (arn.StartsWith("arn:", StringComparison.Ordinal) && arn.Length <= LongestArn && arn.Count(c => c == '*') <= MostStars), "arn",
            $"arn must be an ARN, or a pattern that begins with arn: and has at most {MostStars} * for any text.");
        errors.RequireSafe(arn, "arn");
        CheckText(errors, request.TagKey, "tag_key", LongestName);
        CheckText(errors, request.TagValue, "tag_value", 2 * LongestName);
        errors.Require(request.TagValue is null || request.TagKey is { Length: > 0 }, "tag_key", "tag_value needs tag_key.");
        errors.Require(
            policyId is not null || Narrows(arn) || request.TagKey is { Length: > 0 }, "policy_id",
            "An exception must name a policy, resources (arn) or a tag (tag_key); an account alone would hide everything in it.");
        CheckPlaces(errors, request.AccountIds, "account_ids", text => text.Length == 12 && text.All(char.IsAsciiDigit), "12-digit account ids");
        CheckPlaces(errors, request.Regions, "regions", text => text.Length is > 0 and <= 32 && SafeText.IsSafe(text), "regions, or global");
        CheckReason(errors, request.Owner, request.Reason, request.Ticket, request.ExpiresAt);
        return errors.Any ? null : new FindingException
        {
            Organization = request.Organization,
            ExceptionId = Guid.CreateVersion7(now).ToString(),
            Scope = new ExceptionScope(
                definition?.Id, arn, request.TagKey, request.TagValue, Given(request.AccountIds), Given(request.Regions)),
            Owner = request.Owner!.Trim(),
            Reason = request.Reason!.Trim(),
            Ticket = string.IsNullOrWhiteSpace(request.Ticket) ? null : request.Ticket.Trim(),
            UntilChanged = request.UntilChanged,
            CreatedAt = now,
            CreatedBy = request.CreatedBy,
            ExpiresAt = request.ExpiresAt!.Value,
            IsPending = true,
        };
    }

    private static List<string> Given(IReadOnlyList<string?>? values) => [.. (values ?? []).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Checks who answers for an exception, why, and until when.</summary>
    internal void CheckReason(FieldErrors errors, string? owner, string? reason, string? ticket, DateTimeOffset? expiresAt)
    {
        CheckText(errors, owner, "owner", LongestName, required: true);
        CheckText(errors, reason, "reason", LongestText, required: true, lines: true);
        CheckText(errors, ticket, "ticket", LongestName);
        errors.Require(expiresAt is not null, "expires_at", $"expires_at is required, at most {settings.MaxDays} days ahead.");
        if (expiresAt is { } expires)
        {
            CheckExpiry(errors, expires);
        }
    }

    /// <summary>Whether a pattern says more than that there is an ARN.</summary>
    private static bool Narrows(string? arn) => arn is not null && arn.AsSpan("arn:".Length).ContainsAnyExcept('*', ':');

    private static void CheckText(FieldErrors errors, string? text, string field, int longest, bool required = false, bool lines = false)
    {
        errors.Require(!required || !string.IsNullOrWhiteSpace(text), field, $"{field} is required.");
        errors.Require(text is null || text.Length <= longest, field, $"{field} must have at most {longest} characters.");
        errors.RequireSafe(text, field, lines);
    }

    private static void CheckPlaces(FieldErrors errors, IReadOnlyList<string?>? values, string field, Func<string, bool> isValid, string what)
    {
        errors.Require(values is null || values.All(v => v is not null && isValid(v)), field, $"{field} must be a list of {what}.");
        errors.Require(values is null || values.Count <= MostPlaces, field, $"{field} must have at most {MostPlaces} values; leave it out for all.");
    }

    private void CheckExpiry(FieldErrors errors, DateTimeOffset expires)
    {
        var now = clock.GetUtcNow();
        errors.Require(
            expires > now && expires <= now.AddDays(settings.MaxDays), "expires_at",
            $"expires_at must be in the future, at most {settings.MaxDays} days ahead (Exceptions:MaxDays).");
    }

    private async Task<Exception> WhyNotAsync(string organization, string exceptionId, CancellationToken cancel) =>
        await store.FindAsync(organization, exceptionId, cancel) is { } found
            ? new ConflictException(
                $"The exception {(found.Status == ExceptionStatus.Expired ? "has expired" : "was removed")}; create another one with POST /exceptions.")
            : NotFound();

    private static NotFoundException NotFound() => new("There is no exception with this id; see GET /exceptions.");
}

/// <summary>A request for an exception; null if not given.</summary>
/// <param name="PolicyId"><c>*</c> or null for all policies.</param>
/// <param name="Arn">An ARN, or a pattern with <c>*</c>.</param>
/// <param name="CreatedBy">As named in the audit log.</param>
public sealed record ExceptionRequest(
    string Organization, string? PolicyId, string? Arn, string? TagKey, string? TagValue, IReadOnlyList<string?>? AccountIds,
    IReadOnlyList<string?>? Regions, string? Owner, string? Reason, string? Ticket, DateTimeOffset? ExpiresAt, bool UntilChanged, string CreatedBy);
