using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>What a freshly initialised tensor holds.</summary>
public enum FreshKind
{
    /// <summary>Random values of mean 0 and a given deviation, close to normal, none beyond 4.9 deviations.</summary>
    Normal,

    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>Ones.</summary>
    Ones,
}

/// <summary>
/// A tensor that is freshly initialised and never stored: each element is a function of the seed, the tensor's name and
/// the element's position, the same on every machine and for any order of reading.
/// </summary>
public sealed class RandomTensorData : TensorData
{
    private readonly FreshKind _kind;
    private readonly double _deviation;
    private readonly RandomStream _stream;

    /// <summary>Makes a fresh tensor.</summary>
    /// <param name="name">The tensor's name: its stream of random numbers.</param>
    /// <param name="type">A floating-point type that can be grown.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="deviation">The standard deviation, for <see cref="FreshKind.Normal"/>.</param>
    /// <param name="seed">The plan's seed.</param>
    public RandomTensorData(string name, ElementType type, long count, FreshKind kind, double deviation, ulong seed)
    {
        if (!ElementTypes.IsGrowable(type))
        {
            throw new CannotGrowException(
                ErrorCode.Weight, $"'{Text.Name(name)}' holds {type}; "
                + "only float16, bfloat16, float32 and float64 weights can be initialised");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        ElementType = type;
        Count = count;
        _kind = kind;
        _deviation = deviation;
        _stream = new RandomStream(seed, name, RandomPurpose.Fresh);
    }

    /// <inheritdoc/>
    public override ElementType ElementType { get; }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override void ReadBytes(long byteOffset, Span<byte> destination) =>
        StoredForm.ReadRounded(this, byteOffset, destination);

    /// <inheritdoc/>
    public override void ReadDoubles(long first, Span<double> destination)
    {
        StoredForm.CheckRange(first, destination.Length, Count);
        if (_kind != FreshKind.Normal)
        {
            destination.Fill(_kind == FreshKind.Ones ? 1 : 0);
            return;
        }

        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = _stream.Normal((ulong)(first + i)) * _deviation;
        }
    }
}
