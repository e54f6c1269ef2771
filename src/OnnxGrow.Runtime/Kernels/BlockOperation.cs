namespace OnnxGrow.Runtime.Kernels;

/// <summary>What an instruction of a <see cref="BlockProgram"/> computes, from up to three operands.</summary>
internal enum BlockOperation
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Sub,

    /// <summary>a b.</summary>
    Mul,

    /// <summary>a / b.</summary>
    Div,

    /// <summary>The larger.</summary>
    Max,

    /// <summary>The smaller.</summary>
    Min,

    /// <summary>b where a is not 0, else c.</summary>
    Select,

    /// <summary>-a.</summary>
    Neg,

    /// <summary>|a|.</summary>
    Abs,

    /// <summary>-1, 0 or 1.</summary>
    Sign,

    /// <summary>e^a.</summary>
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,

    /// <summary>The root.</summary>
    Sqrt,

    /// <summary>1 / a.</summary>
    Reciprocal,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-a).</summary>
    Sigmoid,

    /// <summary>b a + c, held within [0, 1]; b and c are scalars.</summary>
    HardSigmoid,

    /// <summary>e^a / sum e^a, along a row.</summary>
    Softmax,

    /// <summary>The sum of a row.</summary>
    RowSum,

    /// <summary>The mean of a row.</summary>
    RowMean,

    /// <summary>The largest of a row.</summary>
    RowMax,
}
