namespace Qrie.Domain.Access;

/// <summary>What a caller may do. Each role may also do what the ones before it may.</summary>
public enum Role
{
    /// <summary>Reads, previews and tries expressions; changes nothing.</summary>
    Reader,

    /// <summary>Scans, launches, changes and deletes policies, sends dead events back.</summary>
    Operator,

    /// <summary>Manages accounts, schedules and keys, and reads the audit.</summary>
    Admin,
}
