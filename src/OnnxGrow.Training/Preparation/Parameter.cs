namespace OnnxGrow.Training.Preparation;

/// <summary>A weight that is trained.</summary>
/// <param name="Name">Name of the initializer, or of the output of the Constant node, that holds it in the model.</param>
/// <param name="Dims">Its extents.</param>
/// <param name="Role">What the graph does with it, which decides on weight decay and on the optimizer.</param>
public sealed record Parameter(string Name, IReadOnlyList<long> Dims, ParameterRole Role)
{
    /// <summary>How many elements it has.</summary>
    public long Count => Dims.Aggregate(1L, (n, d) => checked(n * d));
}

/// <summary>What a graph does with a weight.</summary>
public enum ParameterRole
{
    /// <summary>The matrix (or kernel) of a linear map.</summary>
    Matrix,

    /// <summary>A table that rows are looked up in.</summary>
    Table,

    /// <summary>A bias, a norm's gain, anything else: no weight decay.</summary>
    Vector,
}

/// <summary>A tensor of floats that is not trained.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why it is not.</param>
public sealed record FrozenTensor(string Name, string Reason);
