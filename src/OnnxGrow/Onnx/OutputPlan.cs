using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace OnnxGrow.Onnx;

/// <summary>Writes bytes at a position of the output; called from several threads.</summary>
internal delegate void WriteAt(long offset, ReadOnlySpan<byte> bytes);

/// <summary>What goes where in one output file. All positions are known before the first byte is written.</summary>
internal sealed class OutputPlan
{
    // Weights pass through memory in blocks of this size; a multiple of every element's size.
    private const int BlockBytes = 4 << 20;

    private readonly List<(long Offset, ReadOnlyMemory<byte> Bytes)> pieces = [];
    private readonly List<(long Offset, TensorData Data)> tensors = [];

    /// <summary>The length of the file.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes at the end.</summary>
    public void Add(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            pieces.Add((Length, bytes));
            Length += bytes.Length;
        }
    }

    /// <summary>Adds the stored form of a tensor at the end, or at the next multiple of <paramref name="alignment"/>.</summary>
    public long Add(TensorData data, long alignment = 1)
    {
        long offset = checked(Length + alignment - 1) / alignment * alignment;
        tensors.Add((offset, data));
        Length = checked(offset + data.ByteLength);
        return offset;
    }

    /// <summary>
    /// Writes everything, the weights in blocks on several threads. Where bytes go is fixed beforehand, so that the
    /// result is the same for any number of threads.
    /// </summary>
    public void Write(WriteAt write, SaveOptions options)
    {
        foreach ((long offset, ReadOnlyMemory<byte> bytes) in pieces)
        {
            write(offset, bytes.Span);
        }

        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.MaxParallelism),
            CancellationToken = options.Cancellation,
        };
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Blocks(), EnumerablePartitionerOptions.NoBuffering),
                parallel,
                () => ArrayPool<byte>.Shared.Rent(BlockBytes),
                (block, _, buffer) =>
                {
                    Span<byte> bytes = buffer.AsSpan(0, block.Length);
                    block.Data.ReadBytes(block.Start, bytes);
                    write(block.Offset + block.Start, bytes);
                    return buffer;
                },
                buffer => ArrayPool<byte>.Shared.Return(buffer));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private IEnumerable<Block> Blocks()
    {
        foreach ((long offset, TensorData data) in tensors)
        {
            long length = data.ByteLength;
            for (long start = 0; start < length; start += BlockBytes)
            {
                yield return new Block(offset, data, start, (int)Math.Min(BlockBytes, length - start));
            }
        }
    }

    private readonly record struct Block(long Offset, TensorData Data, long Start, int Length);
}
