using Onnx;

namespace OnnxGrow.Growth;

/// <summary>What a model must not have to be grown: parts whose meaning growth would have to guess.</summary>
internal static class KnownForm
{
    /// <summary>The newest version of ONNX's own operators whose meaning is known here.</summary>
    public const long NewestOpset = 25;

    /// <summary>Checks a model before it is grown. It can be inspected in any case.</summary>
    /// <exception cref="CannotGrowException">The model is of a newer form, or its training graphs use the weights that would grow.</exception>
    public static void Check(ModelProto model)
    {
        if (model.OpsetImport.FirstOrDefault(i => i.Domain is "" or "ai.onnx" && i.Version > NewestOpset) is { } newer)
        {
            throw new CannotGrowException(ErrorCode.Weight, FormattableString.Invariant(
                $"the model is of operator set {newer.Version}, and what operators compute is known up to {NewestOpset}; export it for {NewestOpset} or below, or convert it with onnx.version_converter"));
        }

        if (model.TrainingInfo.Count > 0)
        {
            throw new CannotGrowException(
                ErrorCode.Weight, "the model holds training graphs (training_info), which start and update the weights by name and in the source's shapes; they would not fit the grown weights: grow the model without training_info");
        }
    }
}
