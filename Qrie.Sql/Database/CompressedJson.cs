using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Qrie.Sql.Database;

/// <summary>Configurations are most of the data; compression reduces them to a fifth.</summary>
internal static class CompressedJson
{
    private const int Quality = 4;
    private const int Window = 18;

    /// <summary>The size of the original text in bytes.</summary>
    public static int SizeOf(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).Length;

    public static byte[] Write(JsonElement json)
    {
        // The raw text: reserializing strings would fail on half a surrogate pair, which AWS may return.
        var raw = JsonMarshal.GetRawUtf8Value(json);
        var buffer = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(raw.Length));
        try
        {
            return BrotliEncoder.TryCompress(raw, buffer, out var length, Quality, Window)
                ? buffer[..length]
                : throw new InvalidOperationException("A configuration could not be compressed.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="size">The value of <see cref="SizeOf"/>, so that the text is decompressed in one pass.</param>
    public static JsonElement Read(byte[] compressed, int size)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            return BrotliDecoder.TryDecompress(compressed, buffer, out var length)
                ? JsonElement.Parse(buffer.AsSpan(0, length))
                : throw new InvalidDataException("A stored configuration is damaged.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
