using System.Buffers;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>A stretch of one row of the source, kept for the short runs that follow each other in it.</summary>
internal sealed class SourceWindow(TensorData source, int rowLength) : IDisposable
{
    private const int Length = 4096;

    private double[]? _values;
    private long _first;
    private int _count;

    /// <summary>Reads elements within one row.</summary>
    public void Read(long first, Span<double> destination)
    {
        if (first < _first || first + destination.Length > _first + _count)
        {
            _values ??= ArrayPool<double>.Shared.Rent(Math.Min(Length, rowLength));
            _first = first;
            _count = (int)Math.Min(_values.Length, rowLength - (first % rowLength));
            source.ReadDoubles(first, _values.AsSpan(0, _count));
        }

        _values.AsSpan((int)(first - _first), destination.Length).CopyTo(destination);
    }

    public void Dispose()
    {
        if (_values is not null)
        {
            ArrayPool<double>.Shared.Return(_values);
            _values = null;
        }
    }
}
