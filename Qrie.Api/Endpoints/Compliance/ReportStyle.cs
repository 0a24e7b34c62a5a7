namespace Qrie.Api.Endpoints.Compliance;

/// <summary>The style of the report: quiet on screen, A4 on paper.</summary>
internal static class ReportStyle
{
    public const string Css = """
        @page { size: A4; margin: 16mm 15mm 18mm; }
        * { box-sizing: border-box; }
        html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        body { font: 10pt/1.45 "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #1d2939; margin: 0 auto; max-width: 190mm; padding: 8mm 0; }
        h1 { font-size: 27pt; line-height: 1.15; margin: 0 0 2mm; color: #101828; letter-spacing: -0.02em; }
        h2 { font-size: 15pt; margin: 0 0 4mm; color: #101828; border-bottom: 2px solid #101828; padding-bottom: 1.5mm; }
        h3 { font-size: 11pt; margin: 0 0 1mm; color: #101828; break-after: avoid; }
        p { margin: 0 0 2mm; }
        section { margin: 12mm 0 0; }
        .cover { padding: 6mm 0 0; }
        .mark { font-size: 13pt; font-weight: 700; color: #1a7f4b; margin: 0 0 24mm; letter-spacing: 0.02em; }
        .kind { text-transform: uppercase; letter-spacing: 0.14em; font-size: 8.5pt; color: #667085; }
        .sub { color: #475467; font-size: 11pt; }
        .scores { display: flex; gap: 12mm; align-items: center; margin: 14mm 0 10mm; }
        .figures p { color: #475467; }
        .figures .big { font-size: 20pt; font-weight: 600; color: #101828; margin: 0; line-height: 1.2; }
        table { border-collapse: collapse; width: 100%; font-size: 9pt; }
        th { text-align: left; font-weight: 600; color: #475467; font-size: 8pt; border-bottom: 1px solid #98a2b3; padding: 1.2mm 1.5mm; }
        td { border-bottom: 1px solid #eaecf0; padding: 1.4mm 1.5mm; vertical-align: top; }
        thead { display: table-header-group; }
        tr { break-inside: avoid; }
        .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .wide { width: 20%; }
        .bar { width: 100%; height: 3mm; display: block; margin-top: 0.8mm; border-radius: 1mm; }
        .tiles td { border: 0; border-left: 1.2mm solid #98a2b3; padding: 1mm 2mm; width: 16.6%; }
        .tiles b { display: block; font-size: 16pt; color: #101828; line-height: 1.1; }
        .tiles span { font-size: 8pt; color: #475467; }
        .tiles .passed { border-color: #1a7f4b; } .tiles .failed { border-color: #c4320a; } .tiles .unknown { border-color: #d9a406; }
        .facts { display: grid; grid-template-columns: 30mm 1fr; margin: 8mm 0 4mm; gap: 1mm 0; }
        .facts dt { color: #667085; } .facts dd { margin: 0; }
        .about, .hint, .small { color: #475467; font-size: 8.5pt; }
        .hint { margin-top: 2mm; }
        .small { margin: 0.5mm 0 0; font-size: 8pt; line-height: 1.35; overflow-wrap: anywhere; }
        .head td { background: #f2f4f7; font-weight: 600; color: #344054; break-after: avoid; }
        .id, .arn { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 8pt; }
        .id { white-space: nowrap; } .arn { overflow-wrap: anywhere; }
        .state { display: inline-block; border-radius: 3mm; padding: 0.2mm 2.2mm; font-size: 8pt; font-weight: 600; white-space: nowrap; }
        .state.passed { background: #e3f5ea; color: #11613a; } .state.failed { background: #fdeae5; color: #9c2a0b; }
        .state.unknown { background: #fdf3d3; color: #7a5b00; } .state.open { background: #eef1f6; color: #344054; }
        .state.none, .state.manual { background: #f4f4f5; color: #52525b; }
        article { margin: 0 0 7mm; }
        article > .small, article > .do, article > .fix { break-after: avoid; break-inside: avoid; }
        .sev { display: inline-block; border-radius: 1mm; padding: 0 1.6mm; font-size: 8pt; font-weight: 600; color: #fff; background: #667085; }
        .sev.critical { background: #8f1d0a; } .sev.high { background: #c4320a; } .sev.medium { background: #a15c07; }
        pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 2mm 0; }
        .do { border-left: 1mm solid #d0d5dd; padding: 0.5mm 0 0.5mm 3mm; font-size: 9pt; }
        .fix { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 7.5pt; background: #f2f4f7; padding: 2mm; }
        @media print { body { max-width: none; padding: 0; } .cover { break-after: page; } }
        """;
}
