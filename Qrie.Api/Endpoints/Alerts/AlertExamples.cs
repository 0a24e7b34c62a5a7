namespace Qrie.Api.Endpoints.Alerts;

internal static class AlertExamples
{
    private const string Members =
        """
        "alert_id":"0193a1b2-7c00-7000-8000-000000000001","name":"Critical findings in production","enabled":true,"kinds":["opened","reopened"],
        "policies":[],"min_severity":90,"accounts":[],"tags":{"env":["prod"]},
        "quiet_hours":{"from":"22:00","to":"07:00","time_zone":"Europe/Berlin","days":[]},"group_seconds":60,
        "target":{"kind":"webhook","destination":"https://hooks.example.com/…","topic_arn":null,"recipients":null},
        "created_at":"2026-11-30T08:00:00.000Z","updated_at":"2026-11-30T08:00:00.000Z","failing_since":null
        """;

    public const string Body =
        """
        {"name":"Critical findings in production","kinds":["opened","reopened"],"min_severity":90,"tags":{"env":["prod"]},
         "quiet_hours":{"from":"22:00","to":"07:00","time_zone":"Europe/Berlin"},"group_seconds":60,
         "target":{"kind":"webhook","url":"https://hooks.example.com/qrie"}}
        """;

    public const string Delivery =
        """
        {"delivery_id":"0193a1b2-8d00-7000-8000-000000000002","status":"delivered","test":true,"created_at":"2026-11-30T08:01:00.000Z",
         "next_attempt_at":null,"finished_at":"2026-11-30T08:01:00.120Z","attempts":1,"outcome":"delivered","status_code":200,"detail":null,
         "events":0,"kinds":{}}
        """;

    public const string Alert = $$"""{{{Members}}}""";

    public const string Created = $$"""{{{Members}},"secret":"5f0c…"}""";

    public const string Page = $$"""{"alerts":[{{{Members}}}]}""";

    public const string Deliveries = $$"""{"deliveries":[{{Delivery}}]}""";
}
