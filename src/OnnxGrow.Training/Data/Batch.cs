using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Data;

/// <summary>Samples together.</summary>
/// <param name="Samples">How many.</param>
/// <param name="Tensors">The tensors by the names of the data's fields; the first extent of each is the number of samples.</param>
public sealed record Batch(int Samples, IReadOnlyDictionary<string, RuntimeTensor> Tensors);
