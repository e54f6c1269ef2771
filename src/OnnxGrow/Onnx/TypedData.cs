using System.Runtime.InteropServices;
using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Elements in the typed fields of a tensor message (float_data, int32_data, ...) as stored bytes.</summary>
internal static class TypedData
{
    /// <summary>The name of the typed field that a type belongs in.</summary>
    public static string FieldOf(ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Complex64 => "float_data",
        ElementType.Float64 or ElementType.Complex128 => "double_data",
        ElementType.Int64 => "int64_data",
        ElementType.UInt32 or ElementType.UInt64 => "uint64_data",
        _ => "int32_data",
    };

    /// <summary>The number of values that a typed field must have for so many elements.</summary>
    public static long ValuesFor(ElementType type, long count) => type switch
    {
        ElementType.Complex64 or ElementType.Complex128 => count * 2,
        _ when ElementTypes.Bits(type) < 8 => ElementTypes.ByteLength(type, count),
        _ => count,
    };

    /// <summary>The names of the typed fields that hold something, and of how many values.</summary>
    public static IEnumerable<(string Field, int Values)> Present(TensorProto tensor)
    {
        (string, int)[] all =
        [
            ("float_data", tensor.FloatData.Count),
            ("int32_data", tensor.Int32Data.Count),
            ("string_data", tensor.StringData.Count),
            ("int64_data", tensor.Int64Data.Count),
            ("double_data", tensor.DoubleData.Count),
            ("uint64_data", tensor.Uint64Data.Count),
        ];
        return all.Where(field => field.Item2 > 0);
    }

    /// <summary>
    /// The stored bytes. A value too wide for its type keeps its low bits, as in the runtimes.
    /// </summary>
    public static byte[] Decode(TensorProto tensor, ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Complex64 => Bytes<float>([.. tensor.FloatData]),
        ElementType.Float64 or ElementType.Complex128 => Bytes<double>([.. tensor.DoubleData]),
        ElementType.Int64 => Bytes<long>([.. tensor.Int64Data]),
        ElementType.UInt64 => Bytes<ulong>([.. tensor.Uint64Data]),
        ElementType.UInt32 => Bytes<uint>([.. tensor.Uint64Data.Select(value => (uint)value)]),
        ElementType.Int32 => Bytes<int>([.. tensor.Int32Data]),
        _ when ElementTypes.Bits(type) == 16 => Bytes<short>([.. tensor.Int32Data.Select(value => (short)value)]),
        _ => [.. tensor.Int32Data.Select(value => (byte)value)],
    };

    private static byte[] Bytes<T>(T[] values)
        where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();
}
