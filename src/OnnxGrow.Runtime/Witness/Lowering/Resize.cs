using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Resize and Upsample, nearest and linear: axis by axis, each element of the result from the one or two of the input
/// that its coordinate names.
/// </summary>
[Lowers("Resize")]
[Lowers("Upsample")]
internal sealed class Resize : ILowering
{
    public bool Lower(Emitter to)
    {
        bool late = to.Node.OpType == "Resize" && to.Opset >= 11;
        string sizes = late ? to.Input(3) : "";
        string scales = to.Floats("scales") is { } listed ? to.FloatList(listed) : to.Input(late ? 2 : 1);
        double[]? known = sizes.Length > 0 ? null : to.Floats("scales") ?? to.ValuesOf(scales);
        Check(to, sizes.Length > 0 ? sizes : scales);
        long count = known?.Length ?? (to.DimsOf(sizes.Length > 0 ? sizes : scales) is [> 0 and long n] ? n : to.RankOf(to.Input(0)));
        long[] axes = to.Ints("axes") ?? [.. Enumerable.Range(0, (int)count).Select(a => (long)a)];
        string x = to.Input(0);
        for (int i = 0; i < axes.Length; i++)
        {
            if (known?[i] != 1)
            {
                x = Along(to, x, (int)axes[i], i, scales, sizes, late);
            }
        }

        to.To(to.Output, "Identity", x);
        return true;
    }

    private static void Check(Emitter to, string asked)
    {
        if (asked.Length == 0)
        {
            throw to.Refuse("it has neither scales nor sizes");
        }

        if (to.String("mode", "nearest") is not ("nearest" or "linear" or "bilinear"))
        {
            throw to.Refuse("only nearest and linear interpolation are lowered");
        }

        if (to.Int("antialias", 0) != 0 || to.Int("exclude_outside", 0) != 0 || to.String("keep_aspect_ratio_policy", "stretch") != "stretch")
        {
            throw to.Refuse("antialiasing, exclusion of the outside and kept aspect ratios are not lowered");
        }
    }

    private static string Along(Emitter to, string x, int axis, int at, string scales, string sizes, bool late)
    {
        string old = to.Dim(x, axis);
        string extent = to.Cast(old, to.FloatType);
        string count;
        string scale;
        if (sizes.Length > 0)
        {
            count = to.Cut(sizes, 0, at, at + 1);
            scale = to.Div(to.Cast(count, to.FloatType), extent);
        }
        else
        {
            // The runtime multiplies in float32; without that rounding 5/3 of 3 would be 4.
            scale = to.Cut(scales, 0, at, at + 1);
            string product = to.Cast(to.Cast(to.Mul(scale, extent), ElementType.Float32), to.FloatType);
            count = to.Cast(to.Op("Floor", product), ElementType.Int64);
        }

        string coordinate = Coordinate(to, to.Cast(to.Range(count), to.FloatType), scale, extent, count, late);
        string last = to.Add(extent, -1);
        if (to.String("mode", "nearest") == "nearest")
        {
            return to.Gather(x, Index(to, Nearest(to, coordinate, late), last), axis);
        }

        string within = to.Op("Min", to.Op("Max", coordinate, to.Scalar(0)), last);
        string floor = to.Op("Floor", within);
        string part = to.Sub(within, floor);
        int behind = to.RankOf(to.Input(0)) - axis - 1;
        part = to.Reshape(part, [-1, .. Windows.Ones(behind)]);
        string low = to.Gather(x, Index(to, floor, last), axis);
        string high = to.Gather(x, Index(to, to.Add(floor, 1), last), axis);
        return to.Add(low, to.Mul(to.Sub(high, low), part));
    }

    private static string Index(Emitter to, string position, string last) =>
        to.Cast(to.Op("Min", to.Op("Max", position, to.Scalar(0)), last), ElementType.Int64);

    private static string Coordinate(Emitter to, string i, string scale, string extent, string count, bool late)
    {
        string mode = late ? to.String("coordinate_transformation_mode", "half_pixel") : "asymmetric";
        string half = to.Add(to.Div(to.Add(i, 0.5), scale), -0.5);
        string more = to.Op("Greater", count, to.IntList(1));
        switch (mode)
        {
            case "half_pixel":
                return half;
            case "asymmetric":
                return to.Div(i, scale);
            case "pytorch_half_pixel":
                return to.Where(more, half, to.Scalar(0));
            case "align_corners":
                // With one element the divisor is 0 and i is too.
                string steps = to.Cast(to.Larger(to.Sub(count, to.IntList(1)), to.IntList(1)), to.FloatType);
                return to.Div(to.Mul(i, to.Add(extent, -1)), steps);
            default:
                throw to.Refuse($"the coordinates '{Text.Name(mode)}' are not lowered");
        }
    }

    private static string Nearest(Emitter to, string x, bool late) =>
        (late ? to.String("nearest_mode", "round_prefer_floor") : "floor") switch
        {
            "round_prefer_floor" => to.Op("Ceil", to.Add(x, -0.5)),
            "round_prefer_ceil" => to.Op("Floor", to.Add(x, 0.5)),
            "floor" => to.Op("Floor", x),
            _ => to.Op("Ceil", x),
        };
}
