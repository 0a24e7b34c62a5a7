namespace Qrie.Domain;

/// <summary>
/// Files and folders that only the user of the process may access: 0600 and 0700. On systems without Unix modes, the permissions of the parent folder apply.
/// </summary>
public static class PrivateFiles
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOfFolder = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode Others = ~(OwnerOfFolder | UnixFileMode.StickyBit | UnixFileMode.SetGroup | UnixFileMode.SetUser);

    /// <summary>Creates the missing folders of a path; the modes of existing ones are not changed.</summary>
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
    /// Removes the permissions of others from a file, if it exists. Files of other users are not changed; <see cref="WhatOthersMay"/> reports them.
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
