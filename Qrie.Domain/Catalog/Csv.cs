using System.Text;

namespace Qrie.Domain.Catalog;

/// <summary>Parses comma-separated values (RFC 4180), the format of the IAM credential report.</summary>
internal static class Csv
{
    public static IReadOnlyList<IReadOnlyList<string>> Read(string text)
    {
        var records = new List<IReadOnlyList<string>>();
        var record = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    EndField();
                    break;
                case '\n' when !quoted:
                    EndRecord();
                    break;
                case '\r' when !quoted:
                    break;
                default:
                    field.Append(c);
                    break;
            }
        }

        EndRecord();
        return records;

        void EndField()
        {
            record.Add(field.ToString());
            field.Clear();
        }

        void EndRecord()
        {
            // An empty line, as at the end of the text, is no record.
            if (record.Count > 0 || field.Length > 0)
            {
                EndField();
                records.Add(record);
                record = [];
            }
        }
    }
}
