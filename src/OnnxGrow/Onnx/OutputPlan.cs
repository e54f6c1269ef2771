using System.Buffers;

namespace OnnxGrow.Onnx;

/// <summary>Writes bytes at a position of the output; called from several threads.</summary>
internal delegate void WriteAt(long offset, ReadOnlySpan<byte> bytes);

/// <summary>What goes where in one output file. All positions are known before the first byte is written.</summary>
internal sealed class OutputPlan
{
    // Weights pass through memory in blocks of this size at most; a multiple of every element's size. Larger ones fall out of
    // the processor's cache before they are written.
    private const int LargestBlock = 1 << 20;
    private const int SmallestBlock = 64 << 10;

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

    /// <summary>Adds the stored form of a tensor at the end.</summary>
    public void Add(TensorData data) => AddAt(Length, data);

    /// <summary>Adds the stored form of a tensor at a position, with zeros up to there.</summary>
    public void AddAt(long offset, TensorData data)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, Length);
        tensors.Add((offset, data));
        Length = checked(offset + data.ByteLength);
    }

    /// <summary>
    /// Writes everything, the weights in blocks on several threads. Where bytes go is fixed beforehand, so that the
    /// result is the same for any number of threads.
    /// </summary>
    public void Write(WriteAt write, SaveOptions options)
    {
        foreach ((long offset, ReadOnlyMemory<byte> bytes) in pieces)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            write(offset, bytes.Span);
        }

        // Half of the memory is for what computing a block takes.
        int threads = (int)Math.Clamp(options.MemoryBytes / (2 * SmallestBlock), 1, Math.Max(1, options.MaxParallelism));
        int blockBytes = (int)Math.Clamp(options.MemoryBytes / (2 * threads) / SmallestBlock * SmallestBlock, SmallestBlock, LargestBlock);
        InParallel.ForEach(
            Blocks(blockBytes),
            threads,
            block =>
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(blockBytes);
                try
                {
                    Span<byte> bytes = buffer.AsSpan(0, block.Length);
                    block.Data.ReadBytes(block.Start, bytes);
                    write(block.Offset + block.Start, bytes);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            },
            options.Cancellation);
    }

    /// <summary>Writes everything to a file, tells how far it is, and makes sure that it is on the disk.</summary>
    public void WriteTo(OutputFile file, SaveOptions options)
    {
        Write(
            (offset, bytes) =>
            {
                file.Write(offset, bytes);
                options.Progress?.Add(bytes.Length);
            },
            options);
        options.Cancellation.ThrowIfCancellationRequested();
        file.Finish(options.Cancellation);
    }

    private IEnumerable<Block> Blocks(int blockBytes)
    {
        foreach ((long offset, TensorData data) in tensors)
        {
            long length = data.ByteLength;
            for (long start = 0; start < length; start += blockBytes)
            {
                yield return new Block(offset, data, start, (int)Math.Min(blockBytes, length - start));
            }
        }
    }

    private readonly record struct Block(long Offset, TensorData Data, long Start, int Length);
}
