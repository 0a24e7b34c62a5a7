using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Qrie.Tests.Emulator.Secrets;

/// <summary>The planted secrets, and how to find them.</summary>
internal static class PlantedSecrets
{
    /// <summary>No pattern matches this one: it is recognized by the model, the list of secret members, or a user-defined name.</summary>
    public const string Password = "tr0ub4dor-and-3-staple";

    public const string AccessKey = "AKIAQRIEPLANTED12345";
    public const string SecretKey = "aws_secret_access_key=wJalrXUtnFEMIplantedbPxRfiCYEXAMPLEKEY01";
    public const string PrivateKey = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAplanted\n-----END RSA PRIVATE KEY-----";
    public const string GitHubToken = "ghp_plantedplantedplantedplantedplante01";
    public const string WebToken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU";
    public const string Url = "https://planted:hunter2hunter2@example.com/hook";

    public static readonly string UserData = Base64($"#!/bin/sh\ncat > key <<X\n{PrivateKey}\nX\nexport PASSWORD={Password}");

    // The recognizable part of each, in the forms that responses, files and logs may contain.
    private static readonly string[] _marks =
    [
        Password, Base64(Password), AccessKey, "wJalrXUtnFEMIplantedbPxRfiCYEXAMPLEKEY01",
        "MIIEpAIBAAKCAQEAplanted", GitHubToken, WebToken, "hunter2hunter2", UserData,
    ];

    /// <summary>The planted secrets in a text.</summary>
    public static IEnumerable<string> In(string text) => _marks.Where(m => text.Contains(m, StringComparison.Ordinal));

    /// <summary>The planted secrets in the bytes of a file.</summary>
    public static IEnumerable<string> In(ReadOnlyMemory<byte> bytes) => _marks.Where(m => bytes.Span.IndexOf(Encoding.UTF8.GetBytes(m)) >= 0);

    /// <summary>A secret in JSON notation.</summary>
    public static string InJson(string secret) => JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
