namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>ONNX Runtime's GroupNorm and SkipGroupNorm: channels last or first, a sum before, and SiLU behind.</summary>
[Lowers("GroupNorm", Domain = Domains.Microsoft)]
[Lowers("SkipGroupNorm", Domain = Domains.Microsoft)]
internal sealed class FusedGroupNorm : ILowering
{
    public bool Lower(Emitter to)
    {
        bool last = to.Int("channels_last", 1) != 0;
        if (to.Node.OpType == "SkipGroupNorm" && !last)
        {
            throw to.Refuse("a sum with the channels first is not known");
        }

        string x = to.Node.OpType == "SkipGroupNorm" ? Skip(to) : to.Input(0);
        to.Give(1, "Identity", x);
        string first = last ? to.Transpose(x, 0, 3, 1, 2) : x;
        string grouped = to.Reshape(first, 0, to.Int("groups", 1), -1);
        string centred = to.Sub(grouped, to.Reduce("ReduceMean", grouped, 2));
        string variance = to.Reduce("ReduceMean", to.Mul(centred, centred), 2);
        string normal = to.Div(centred, to.Op("Sqrt", to.Add(variance, to.Float("epsilon", 1e-5f))));
        string whole = to.Op("Reshape", normal, to.ShapeOf(first));
        string gained = to.Mul(whole, to.Reshape(to.Input(1), -1, 1, 1));
        string result = to.Add(gained, to.Reshape(to.Input(2), -1, 1, 1));
        result = last ? to.Transpose(result, 0, 2, 3, 1) : result;
        bool silu = to.Int("activation", 0) != 0;
        to.To(to.Output, silu ? "Mul" : "Identity", silu ? [result, to.Op("Sigmoid", result)] : [result]);
        return true;
    }

    // The skip is [N, H, W, C], [N, 1, 1, C] or [N, C].
    private static string Skip(Emitter to)
    {
        string skip = to.Input(3);
        skip = to.RankOf(skip) == 2 ? to.Unsqueeze(to.Unsqueeze(skip, 1), 1) : skip;
        string sum = to.Add(to.Input(0), skip);
        return to.Input(4).Length == 0 ? sum : to.Add(sum, to.Input(4));
    }
}
