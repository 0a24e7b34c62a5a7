namespace Qrie.Domain.Access;

/// <summary>The permissions of a caller. Each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Reads, previews and evaluates expressions; changes nothing.</summary>
    Reader,

    /// <summary>Scans, launches, changes and deletes policies, redrives dead-lettered events.</summary>
    Operator,

    /// <summary>Manages accounts, schedules and keys, and reads the audit log.</summary>
    Admin,
}
