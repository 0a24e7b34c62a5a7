using System.Security.Cryptography;

namespace Qrie.Aws.Api.Redaction;

/// <summary>The installation's secret behind the fingerprints of redacted values. With another one, every fingerprint changes, and each such resource counts as changed.</summary>
internal static class RedactionKey
{
    private const int Size = 32;

    /// <summary>The key of the options, else that of the file, which is made when it is not there.</summary>
    public static byte[] Load(AwsApiOptions options)
    {
        if (!string.IsNullOrEmpty(options.RedactionKey))
        {
            var given = new byte[options.RedactionKey.Length];
            return Convert.TryFromBase64String(options.RedactionKey, given, out var length) && length >= 16
                ? given[..length]
                : throw new InvalidOperationException("Aws:RedactionKey must be at least 16 bytes in base64: openssl rand -base64 32");
        }

        var file = Path.GetFullPath(options.RedactionKeyFile);
        if (!File.Exists(file))
        {
            Make(file);
        }

        return Convert.FromBase64String(File.ReadAllText(file).Trim());
    }

    /// <summary>Written aside and moved, so that two processes that start together end with the same key.</summary>
    private static void Make(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var aside = $"{file}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(aside, options))
        {
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)));
        }

        try
        {
            File.Move(aside, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(aside);
        }
    }
}
