using Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>Placeholder until the raise is merged.</summary>
internal static class OpsetRaise
{
    public static void Run(ModelProto model) => _ = model;
}
