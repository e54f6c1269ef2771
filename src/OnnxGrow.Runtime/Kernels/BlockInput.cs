namespace OnnxGrow.Runtime.Kernels;

/// <summary>How an input of a <see cref="BlockProgram"/> spreads over [rows, n], the shape that the program computes in.</summary>
internal enum BlockInput
{
    /// <summary>An element for each.</summary>
    Full,

    /// <summary>An element for each row: [rows, 1].</summary>
    Row,

    /// <summary>Some rows that repeat: [k, n], where k divides the number of rows.</summary>
    Trailing,

    /// <summary>One element.</summary>
    Scalar,
}
