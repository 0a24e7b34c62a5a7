namespace Qrie.Domain;

/// <summary>
/// Files and folders that only the user of the process may read: 0600 and 0700. Where there are no Unix modes, what the folder above passes on counts.
/// </summary>
public static class PrivateFiles
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOfFolder = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode Others = ~(OwnerOfFolder | UnixFileMode.StickyBit | UnixFileMode.SetGroup | UnixFileMode.SetUser);

    /// <summary>Makes what is missing of a folder's path; what is there stays as somebody chose it.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } above)
        {
            MakeFolder(above);
        }

        Directory.CreateDirectory(path, OwnerOfFolder);
    }

    /// <summary>How to open a file so that it is private if it is made by this.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Owner;
        }

        return options;
    }

    /// <summary>
    /// Takes away what others may do with a file, if it is there. The file of another user stays as it is, as <see cref="WhatOthersMay"/> tells.
    /// </summary>
    public static void Protect(string file)
    {
        if (OperatingSystem.IsWindows() || WhatOthersMay(file) is null)
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) & ~Others);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Whoever owns it has to; that it can be used all the same is seen when it is opened.
        }
    }

    /// <summary>The mode of a file or folder that others than its owner may use, as in <c>0644</c>; null: they may not, or it is not there.</summary>
    public static string? WhatOthersMay(string path)
    {
        if (OperatingSystem.IsWindows() || !Path.Exists(path))
        {
            return null;
        }

        var mode = File.GetUnixFileMode(path);
        return (mode & Others) == 0 ? null : $"0{Convert.ToString((int)mode, 8)}";
    }
}
