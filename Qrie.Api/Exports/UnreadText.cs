using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;

namespace Qrie.Api.Exports;

/// <summary>Why a list could not be read.</summary>
internal static class UnreadText
{
    public static string Of(Coverage list) =>
        SafeText.Clean(list.ErrorCode is { } code ? list.Message is { Length: > 0 } message ? $"{code}: {message}" : code : list.Outcome.ToString());
}
