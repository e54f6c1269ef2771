namespace OnnxGrow.Runtime.Kernels;

/// <summary>An operand of an elementwise operation: a list of numbers, or one for all.</summary>
internal readonly ref struct BlockValue
{
    public BlockValue(ReadOnlySpan<float> list) => List = list;

    public BlockValue(float number)
    {
        Number = number;
        IsNumber = true;
    }

    public ReadOnlySpan<float> List { get; }

    public float Number { get; }

    public bool IsNumber { get; }
}
