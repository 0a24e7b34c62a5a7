namespace Qrie.Domain.Access;

/// <summary>The permissions of a caller. Each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Reads, previews and evaluates expressions; changes nothing.</summary>
    Reader,

    /// <summary>Also states for requirements of frameworks whether they are met.</summary>
    Auditor,

    /// <summary>Also scans, launches, changes and deletes policies, redrives dead-lettered events.</summary>
    Operator,

    /// <summary>Also manages accounts, schedules and keys, and reads the audit log.</summary>
    Admin,
}
