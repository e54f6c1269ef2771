using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>One weight while its update is written.</summary>
internal sealed class UpdateEmitter(
    GraphWriter writer, Parameter parameter, string wholeRate, string rate, double decay, string gradientScale, Func<string, string> number)
    : GraphWriter(writer)
{
    /// <summary>The weight.</summary>
    public Parameter Parameter => parameter;

    /// <summary>Its value.</summary>
    public string Value => parameter.Name;

    /// <summary>Its gradient, not yet multiplied with <see cref="GradientScale"/>.</summary>
    public string Gradient => TrainingGraph.GradientOf(parameter.Name);

    /// <summary>The learning rate of this weight: a scalar, or a tensor that broadcasts over it.</summary>
    public string Rate => rate;

    /// <summary>Weight decay per unit of learning rate; 0 for weights that are excluded.</summary>
    public double Decay => decay;

    /// <summary>What clipping multiplies all gradients with, a scalar.</summary>
    public string GradientScale => gradientScale;

    /// <summary>Tensors that were written, by the input they replace.</summary>
    public Dictionary<string, string> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>One of the optimizer's numbers for this step, a scalar.</summary>
    public string Number(string name) => number(name);

    /// <summary>A tensor that the rule keeps for this weight.</summary>
    public string State(string name) => NameOf(parameter, name);

    /// <summary>Replaces a tensor that the rule keeps.</summary>
    public void SetState(string name, string value) => Written[State(name)] = value;

    /// <summary>Replaces the weight.</summary>
    public void SetValue(string value) => Written[Value] = value;

    /// <summary>
    /// The weight after decoupled weight decay: w (1 - rate decay). It is that of the whole rate: all copies of a column decay by one
    /// factor, and so does their sum.
    /// </summary>
    public string Decayed() => decay == 0 ? Value : Mul(Value, Sub(1, Mul(wholeRate, decay)));

    /// <summary>The name of a tensor that a rule keeps for a weight.</summary>
    public static string NameOf(Parameter parameter, string state) => parameter.Name + "/" + state;
}
