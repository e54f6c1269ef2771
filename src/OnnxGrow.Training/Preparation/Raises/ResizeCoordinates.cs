using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>
/// Resize got a region and sizes among its inputs, and said which coordinates it took: positions divided by the scales, and the element
/// below them where it enlarges, above them where it makes smaller.
/// </summary>
[Raises("Resize", 11)]
internal sealed class ResizeCoordinates : IRaise
{
    public void Raise(RaisedNode at) => Rewrite(at);

    /// <summary>Rewrites a node with inputs X and scales.</summary>
    public static void Rewrite(RaisedNode at)
    {
        string mode = at.Attribute("mode")?.S.ToStringUtf8() ?? "nearest";
        string scales = at.Input(1);
        at.Set("coordinate_transformation_mode", "asymmetric");
        if (mode == "nearest")
        {
            float[] known = Known(at, scales);
            bool up = known.All(s => s >= 1);
            if (!up && !known.All(s => s <= 1))
            {
                throw at.Refuse("it enlarges along one axis and makes smaller along another, in mode 'nearest'; resize in two steps");
            }

            at.Set("nearest_mode", up ? "floor" : "ceil");
        }

        at.SetInput(1, "");
        at.SetInput(2, scales);
    }

    private static float[] Known(RaisedNode at, string scales)
    {
        TensorProto? tensor = at.Facts.ConstantOf(scales)
            ?? at.Before.FirstOrDefault(n => n.Output[0] == scales)?.Attribute[0].T;
        if (tensor is { FloatData.Count: > 0 })
        {
            return [.. tensor.FloatData];
        }

        if (tensor is null || tensor.RawData.Length == 0 || tensor.DataType != (int)ElementType.Float32)
        {
            throw at.Refuse($"whether it enlarges cannot be told, as its scales '{Text.Name(scales)}' are computed; export it with set 11 or later");
        }

        float[] values = new float[tensor.RawData.Length / sizeof(float)];
        Buffer.BlockCopy(tensor.RawData.ToByteArray(), 0, values, 0, values.Length * sizeof(float));
        return values;
    }
}
