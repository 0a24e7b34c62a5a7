using System.Globalization;
using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Findings.Exceptions.Import;

public enum ImportFormat
{
    /// <summary>A mutelist, YAML.</summary>
    Prowler,

    /// <summary>The JSON of GetFindings.</summary>
    Securityhub,
}

/// <summary>Translates lists of accepted findings of other tools to exceptions, and tells what cannot be translated, and why.</summary>
public sealed class ExceptionImport(ExceptionRegistry registry, IExceptionStore store, ICatalog catalog)
{
    private const int PageSize = 500;

    /// <exception cref="InvalidInputException">Owner, reason, ticket or expiry are invalid, or there is too much to import.</exception>
    /// <exception cref="ConflictException">Too many exceptions would be in force; nothing was stored.</exception>
    public async Task<ExceptionImportReport> RunAsync(ExceptionImportRequest request, bool dryRun, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        registry.CheckReason(errors, request.Owner, request.Reason, request.Ticket, request.ExpiresAt);
        errors.ThrowIfAny();
        var translation = request.Format == ImportFormat.Prowler
            ? ProwlerMutelist.Read(request.Text, catalog.Current)
            : SecurityHubSuppressions.Read(request.Text, catalog.Current);
        if (translation.Entries.Count > ExceptionSettings.MostInForce)
        {
            throw InvalidInputException.Of("body", string.Create(
                CultureInfo.InvariantCulture,
                $"The document gives {translation.Entries.Count} exceptions; at most {ExceptionSettings.MostInForce} may be in force. Import a part of it."));
        }

        var known = await InForceAsync(request.Organization, cancel);
        var untranslated = translation.Untranslated;
        var (made, repeated) = (new List<ImportedException>(), 0);
        foreach (var entry in translation.Entries)
        {
            var wrong = new FieldErrors();
            var exception = registry.Read(Request(request, entry), wrong);
            if (exception is null)
            {
                untranslated.Add(new UntranslatedEntry(entry.Source, string.Join(' ', wrong.ByField.SelectMany(e => e.Value))));
            }
            else if (known.Add(KeyOf(exception.Scope)))
            {
                made.Add(new ImportedException(entry.Source, exception, entry.Notes));
            }
            else
            {
                repeated++;
            }
        }

        if (!dryRun && made.Count > 0)
        {
            await registry.AddAsync([.. made.Select(m => m.Exception)], cancel);
        }

        return new ExceptionImportReport(!dryRun, made, repeated, untranslated);
    }

    private async Task<HashSet<string>> InForceAsync(string organization, CancellationToken cancel)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var filter = new ExceptionFilter(null, null, ExceptionStatus.Active, null);
        for (PageRequest? next = new(PageSize); next is not null;)
        {
            var page = await store.ListAsync(organization, filter, next, cancel);
            known.UnionWith(page.Items.Select(e => KeyOf(e.Scope)));
            next = page.Next is null ? null : new PageRequest(PageSize, page.Next);
        }

        return known;
    }

    private static ExceptionRequest Request(ExceptionImportRequest import, TranslatedEntry entry) => new(
        import.Organization, entry.Scope.PolicyId, entry.Scope.Arn, entry.Scope.TagKey, entry.Scope.TagValue, entry.Scope.AccountIds, entry.Scope.Regions,
        import.Owner, string.IsNullOrWhiteSpace(entry.Reason) ? import.Reason : entry.Reason, import.Ticket, import.ExpiresAt, UntilChanged: false,
        import.CreatedBy);

    private static string KeyOf(ExceptionScope scope) => JsonSerializer.Serialize(scope with
    {
        AccountIds = [.. scope.AccountIds.Order(StringComparer.Ordinal)],
        Regions = [.. scope.Regions.Order(StringComparer.Ordinal)],
    });
}

/// <param name="Text">The document.</param>
/// <param name="Reason">Of entries that have none.</param>
/// <param name="CreatedBy">As named in the audit log.</param>
public sealed record ExceptionImportRequest(
    string Organization, ImportFormat Format, string Text, string? Owner, string? Reason, string? Ticket, DateTimeOffset? ExpiresAt, string CreatedBy);

/// <param name="Applied">Whether the exceptions were stored.</param>
/// <param name="Repeated">Entries that equal another one, or an exception that is in force.</param>
public sealed record ExceptionImportReport(
    bool Applied, IReadOnlyList<ImportedException> Exceptions, int Repeated, IReadOnlyList<UntranslatedEntry> Untranslated);

/// <param name="Source">Where it is in the document.</param>
/// <param name="Notes">How the exception differs from the entry.</param>
public sealed record ImportedException(string Source, FindingException Exception, IReadOnlyList<string> Notes);
