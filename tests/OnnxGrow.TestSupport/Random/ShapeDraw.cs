using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport.Random;

/// <summary>Draws what a random model looks like.</summary>
public static class ShapeDraw
{
    /// <summary>Draws a shape of a kind and type.</summary>
    /// <param name="r">The generator.</param>
    /// <param name="kind">Kind of model.</param>
    /// <param name="type">Type of its weights.</param>
    public static ModelShape Draw(SplitMix64 r, ModelKind kind, ElementType type)
    {
        ModelShape shape = new() { Kind = kind, Type = type, Opset = r.Pick(13, 17, 17, 18, 20) };
        shape = Sizes(r, shape);
        shape = Norms(r, shape);
        shape = Attention(r, shape);
        shape = Blocks(r, shape);
        return kind == ModelKind.Image ? ForImages(r, shape) : shape;
    }

    private static ModelShape Sizes(SplitMix64 r, ModelShape shape)
    {
        int kv = r.Pick(1, 1, 2, 2, 3);
        int heads = kv * r.Pick(1, 1, 2, 3);
        int size = r.Pick(2, 4, 4, 6);
        return shape with
        {
            Layers = r.Pick(1, 2, 2),
            Heads = heads,
            KvHeads = kv,
            HeadDim = size,
            Hidden = r.Int(0, 3) == 0 ? r.Int(5, 12) : heads * size,
            Ffn = r.Int(3, 12),
            Experts = r.Int(0, 4) == 0 ? r.Int(2, 3) : 0,
            Classes = r.Int(0, 4) == 0 ? 3 : 0,
        };
    }

    private static ModelShape Norms(SplitMix64 r, ModelShape shape)
    {
        NormStyle norm = r.Pick(NormStyle.Layer, NormStyle.Layer, NormStyle.Rms, NormStyle.Rms, NormStyle.Batch);
        return shape with
        {
            Norm = norm,
            FusedNorm = r.Coin(),
            Affine = norm == NormStyle.Batch || r.Int(0, 4) > 0,
            OnePlus = norm == NormStyle.Rms && r.Int(0, 2) == 0,
            Epsilon = shape.Type == ElementType.Float16 ? r.Pick(1e-3f, 1e-2f) : r.Pick(1e-6f, 1e-5f, 1e-2f),
            Placement = norm == NormStyle.Batch ? Placement.Pre
                : r.Pick(Placement.Pre, Placement.Pre, Placement.Pre, Placement.Post, Placement.ResPost, Placement.Sandwich),
        };
    }

    private static ModelShape Attention(SplitMix64 r, ModelShape shape)
    {
        bool single = shape.Heads == shape.KvHeads;
        QkvForm qkv = r.Pick(
            QkvForm.Separate, QkvForm.Separate, QkvForm.Joined, single ? QkvForm.HeadsThree : QkvForm.Groups, single ? QkvForm.ThreeHeads : QkvForm.Joined);
        RotaryForm rotary = r.Pick(RotaryForm.None, RotaryForm.None, RotaryForm.Half, RotaryForm.Interleaved);
        DistanceBias distance = rotary == RotaryForm.None ? r.Pick(DistanceBias.None, DistanceBias.Alibi, DistanceBias.Relative) : DistanceBias.None;
        return shape with
        {
            Qkv = qkv,
            Repeat = distance == DistanceBias.None ? r.Pick(RepeatForm.Expand, RepeatForm.ExpandConstant, RepeatForm.Grouped) : r.Pick(RepeatForm.Expand, RepeatForm.ExpandConstant),
            ComputedShapes = r.Coin(),
            Rotary = rotary,
            RotaryDim = rotary == RotaryForm.None ? 0 : shape.HeadDim > 2 && r.Int(0, 2) == 0 ? shape.HeadDim - 2 : shape.HeadDim,
            RotaryComputed = r.Coin(),
            QkNorm = r.Pick(QkNorm.None, QkNorm.None, QkNorm.Head, qkv is QkvForm.Separate or QkvForm.Joined ? QkNorm.Full : QkNorm.Head),
            Scale = r.Pick(ScaleForm.Divided, ScaleForm.Times, ScaleForm.Computed, ScaleForm.BothSides),
            SoftCap = r.Int(0, 4) == 0,
            Distance = distance,
            Causal = r.Coin(),
            LearnedPositions = rotary == RotaryForm.None && (distance == DistanceBias.None || r.Int(0, 3) == 0),
            Cache = shape.Kind == ModelKind.Decoder && shape.Classes == 0 && r.Int(0, 3) == 0,
            Tied = r.Coin(),
        };
    }

    private static ModelShape Blocks(SplitMix64 r, ModelShape shape) => shape with
    {
        Parallel = shape.Placement is Placement.Pre or Placement.ResPost && shape.Kind == ModelKind.Decoder && r.Int(0, 3) == 0,
        LayerScale = r.Int(0, 3) == 0,
        Bias = r.Coin(),
        Linear = r.Pick(LinearForm.MatMul, LinearForm.MatMul, LinearForm.Transposed, LinearForm.Gemm, LinearForm.Einsum),
        Activation = r.Pick("erf", "tanh", "quick", "silu", "relu"),
        Gated = r.Int(0, 2) == 0,
    };

    /// <summary>Images have heads of their own and no positions by distance.</summary>
    private static ModelShape ForImages(SplitMix64 r, ModelShape shape) => shape with
    {
        Norm = shape.Norm == NormStyle.Rms ? NormStyle.Layer : shape.Norm,
        OnePlus = false,
        Placement = shape.Norm == NormStyle.Batch || r.Coin() ? Placement.Pre : shape.Placement,
        KvHeads = shape.Heads,
        Qkv = r.Pick(QkvForm.Separate, QkvForm.HeadsThree, QkvForm.ThreeHeads),
        Rotary = RotaryForm.None,
        QkNorm = QkNorm.None,
        Distance = DistanceBias.None,
        Experts = 0,
        Classes = 3,
        Causal = false,
        Parallel = false,
    };
}
