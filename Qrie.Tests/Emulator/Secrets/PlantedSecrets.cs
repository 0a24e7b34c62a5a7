using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Qrie.Tests.Emulator.Secrets;

/// <summary>What the tests plant, and how they look for it.</summary>
internal static class PlantedSecrets
{
    /// <summary>No pattern knows this one: the model's mark, the list of secret members, or the name that people gave it must.</summary>
    public const string Password = "tr0ub4dor-and-3-staple";

    public const string AccessKey = "AKIAQRIEPLANTED12345";
    public const string SecretKey = "aws_secret_access_key=wJalrXUtnFEMIplantedbPxRfiCYEXAMPLEKEY01";
    public const string PrivateKey = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAplanted\n-----END RSA PRIVATE KEY-----";
    public const string GitHubToken = "ghp_plantedplantedplantedplantedplante01";
    public const string WebToken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU";
    public const string Url = "https://planted:hunter2hunter2@example.com/hook";

    public static readonly string UserData = Base64($"#!/bin/sh\ncat > key <<X\n{PrivateKey}\nX\nexport PASSWORD={Password}");

    // What tells each of them, in the forms in which answers, files and logs may carry it.
    private static readonly string[] _marks =
    [
        Password, Base64(Password), AccessKey, "wJalrXUtnFEMIplantedbPxRfiCYEXAMPLEKEY01",
        "MIIEpAIBAAKCAQEAplanted", GitHubToken, WebToken, "hunter2hunter2", UserData,
    ];

    /// <summary>The planted secrets that a text shows.</summary>
    public static IEnumerable<string> In(string text) => _marks.Where(m => text.Contains(m, StringComparison.Ordinal));

    /// <summary>The planted secrets that a file shows as it is.</summary>
    public static IEnumerable<string> In(ReadOnlyMemory<byte> bytes) => _marks.Where(m => bytes.Span.IndexOf(Encoding.UTF8.GetBytes(m)) >= 0);

    /// <summary>A secret as it stands inside JSON.</summary>
    public static string InJson(string secret) => JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
