namespace OnnxGrow.Runtime.Reports.Checks;

/// <summary>
/// A kind of check. The identifiers are a promise: what reads SARIF or JUnit files tells failures apart, and from those of
/// an earlier run, by them.
/// </summary>
/// <param name="Id">What machines know it by.</param>
/// <param name="Title">What it looks at, in a few words.</param>
/// <param name="Description">What has to hold.</param>
/// <param name="Help">Where to look when it does not.</param>
public sealed record CheckRule(string Id, string Title, string Description, string Help)
{
    /// <summary>Inputs and outputs of the two models.</summary>
    public static CheckRule Interface { get; } = new(
        "interface-differs",
        "interface",
        "Both models have the same inputs and outputs: names, types and ranks, apart from what the growth itself widened.",
        "'onnxgrow diff A B' lists inputs and outputs side by side; another exporter or other export options are the usual cause.");

    /// <summary>The static proof over the weights.</summary>
    public static CheckRule Certificate { get; } = new(
        "weight-differs",
        "certificate",
        "Every weight of the grown file is what its source grows into (W~ P_in = P_out W), and every other tensor is the source's own.",
        "'onnxgrow explain A TENSOR' tells how the tensor is grown; a model that was trained, quantised or rewritten after it was grown fails here, and rightly.");

    /// <summary>Both graphs in float64.</summary>
    public static CheckRule Float64 { get; } = new(
        "float64-differs",
        "float64",
        "Both graphs, lifted to float64 and run on the same inputs, agree.",
        "A difference in float64 is not rounding: the two compute different functions. '--layers' names the first node whose value differs.");

    /// <summary>Both models as they are.</summary>
    public static CheckRule AsShipped { get; } = new(
        "output-differs",
        "as shipped",
        "Both models, run as they are on the same inputs, agree within the tolerance.",
        "Where float64 agrees and this does not, the difference is rounding: compare with the tolerance, and raise it with --tolerance only where that much is harmless.");

    /// <summary>Whether all of a grown model can learn.</summary>
    public static CheckRule Trainable { get; } = new(
        "cannot-learn",
        "trainable",
        "All of the grown model that can learn does: no weight is without gradient for ever, no copies stay equal.",
        "'onnxgrow check-trainable MODEL' lists the weights; another --method or --block gives weights that learn.");

    /// <summary>The verdict over all of it.</summary>
    public static CheckRule Verdict { get; } = new(
        "not-proved",
        "verdict",
        "The models are proved equivalent.",
        "Exit code 1 is a difference, and the failed checks tell it; 4 says that nothing could be proved: the runtime lacks the provider or an operator, or no proof was asked for.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CheckRule> All { get; } = [Interface, Certificate, Float64, AsShipped, Trainable, Verdict];
}
