using System.Globalization;
using MailKit.Security;
using MimeKit;
using Qrie.Api.Hosting;
using Qrie.Domain.Alerts;

namespace Qrie.Api.Alerts;

/// <summary>The section <c>Alerts</c> of the configuration.</summary>
/// <param name="AllowPrivateTargets">Targets that may have any address, and may be reached without TLS.</param>
/// <param name="Smtp">Null: no e-mail.</param>
internal sealed record AlertSettings(AlertLinks Links, AllowedTargets AllowPrivateTargets, TimeSpan KeepDeliveries, SmtpSettings? Smtp)
{
    /// <exception cref="StartRefusedException">A value is invalid.</exception>
    public static AlertSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Alerts");
        var (console, keep) = (section["ConsoleUrl"], TimeSpan.FromDays(30));
        if (!string.IsNullOrEmpty(console) && !(Uri.TryCreate(console, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            throw new StartRefusedException($"Alerts:ConsoleUrl is '{console}'; it must be the address of this service, https://qrie.example.com.");
        }

        if (section["KeepDeliveries"] is { Length: > 0 } text
            && (!TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out keep) || keep < TimeSpan.FromHours(1)))
        {
            throw new StartRefusedException(
                $"Alerts:KeepDeliveries is '{text}'; it must be a duration of at least an hour as days.hours:minutes:seconds, '30.00:00:00'.");
        }

        return new AlertSettings(
            new AlertLinks(string.IsNullOrEmpty(console) ? null : console.TrimEnd('/')), AllowedTargets.Parse(section["AllowPrivateTargets"]), keep,
            SmtpSettings.Read(section.GetSection("Smtp")));
    }
}

/// <summary>The mail server.</summary>
/// <param name="Password">A secret.</param>
internal sealed record SmtpSettings(string Host, int Port, SecureSocketOptions Security, string? User, string? Password, MailboxAddress From)
{
    private const int StandardPort = 587;

    public override string ToString() => $"{Host}:{Port}";

    /// <summary>Null if no server is configured.</summary>
    /// <exception cref="StartRefusedException">A value is invalid.</exception>
    public static SmtpSettings? Read(IConfiguration section)
    {
        if (section["Host"] is not { Length: > 0 } host)
        {
            return null;
        }

        var port = StandardPort;
        if (section["Port"] is { Length: > 0 } text && (!int.TryParse(text, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            throw new StartRefusedException($"Alerts:Smtp:Port is '{text}'; it must be a port number, 587.");
        }

        var security = section["Security"] switch
        {
            null or "" or "starttls" => SecureSocketOptions.StartTls,
            "tls" => SecureSocketOptions.SslOnConnect,
            "none" => SecureSocketOptions.None,
            var other => throw new StartRefusedException($"Alerts:Smtp:Security is '{other}'; it must be starttls, tls or none."),
        };
        if (!MailboxAddress.TryParse(section["From"] ?? "", out var from))
        {
            throw new StartRefusedException($"Alerts:Smtp:From is '{section["From"]}'; it must be an e-mail address, qrie@example.com.");
        }

        return new SmtpSettings(host, port, security, NotEmpty(section["User"]), NotEmpty(section["Password"]), from);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
