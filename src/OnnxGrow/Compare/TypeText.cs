using System.Globalization;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Compare;

/// <summary>Types and shapes in a few letters: "float32 [batch, 48]".</summary>
internal static class TypeText
{
    public static string Of(ValueInfoProto? info)
    {
        if (info?.Type?.TensorType is not { } type)
        {
            return "type not known";
        }

        string dims = type.Shape is null ? "any shape" : "[" + string.Join(", ", type.Shape.Dim.Select(d =>
            d.HasDimValue ? d.DimValue.ToString(CultureInfo.InvariantCulture) : d.HasDimParam && d.DimParam.Length > 0 ? Text.Name(d.DimParam) : "?")) + "]";
        return NameOf(type.ElemType) + " " + dims;
    }

    public static string Of(TensorProto tensor) =>
        NameOf(tensor.DataType) + " [" + string.Join(", ", tensor.Dims.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";

    private static string NameOf(int type) => ((ElementType)type).ToString().ToLowerInvariant();
}
