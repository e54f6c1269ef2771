using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>One node with a <see cref="BlockProgram"/>: fetches its tensors, and shares the rows among the session's threads.</summary>
internal sealed unsafe class FusedKernel(BlockProgram program)
{
    /// <summary>Elements below which a second thread costs more than it brings.</summary>
    private const long PartElements = 1 << 15;

    /// <summary>The most parts; a number of its own, so that results do not depend on the number of threads.</summary>
    private const long MostParts = 16;

    private readonly BlockRunner _runner = new(program);

    /// <summary>Computes the node.</summary>
    /// <exception cref="ArgumentException">An input does not fit the others.</exception>
    public void Run(nint context)
    {
        int inputs = program.Inputs.Count;
        float** data = stackalloc float*[inputs];
        long* counts = stackalloc long[inputs];
        long[]? full = null;
        for (int i = 0; i < inputs; i++)
        {
            nint value = OrtKernelApi.Input(context, i);
            data[i] = OrtKernelApi.DataOf(value);
            long[] dims = OrtKernelApi.DimsOf(value);
            counts[i] = dims.Aggregate(1L, (product, d) => product * d);
            full ??= program.Inputs[i] == BlockInput.Full ? dims : null;
        }

        long n = full![^1];
        long rows = full[..^1].Aggregate(1L, (product, d) => product * d);
        Check(counts, rows, n);
        float** to = stackalloc float*[program.Outputs.Count];
        for (int o = 0; o < program.Outputs.Count; o++)
        {
            long[] dims = program.SpreadOf(program.Outputs[o]) == BlockInput.Row ? [.. full[..^1], 1] : full;
            to[o] = OrtKernelApi.DataOf(OrtKernelApi.Output(context, o, dims));
        }

        long parts = Math.Min(MostParts, Math.Min(rows, rows * n / PartElements));
        if (parts <= 1 && rows == 1 && program.IsFlat)
        {
            // One long row can be cut anywhere.
            parts = Math.Min(MostParts, n / PartElements);
            (rows, n) = parts > 1 ? (n, 1) : (rows, n);
        }

        if (parts <= 1)
        {
            _runner.Run(data, counts, to, n, 0, rows);
            return;
        }

        var work = new Work(_runner, data, counts, to, n, rows, parts);
        GCHandle handle = GCHandle.Alloc(work);
        try
        {
            OrtKernelApi.For(context, &RunPart, (int)parts, (void*)GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    private void Check(long* counts, long rows, long n)
    {
        for (int i = 0; i < program.Inputs.Count; i++)
        {
            bool fits = program.Inputs[i] switch
            {
                BlockInput.Full => counts[i] == rows * n,
                BlockInput.Row => counts[i] == rows,
                BlockInput.Trailing => n == 0 || (counts[i] % n == 0 && (rows == 0 || (counts[i] > 0 && rows % (counts[i] / n) == 0))),
                _ => counts[i] == 1,
            };
            if (!fits)
            {
                throw new ArgumentException($"input {i} has {counts[i]} elements, which do not spread over [{rows}, {n}] as {program.Inputs[i]}");
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunPart(void* data, nuint part)
    {
        var work = (Work)GCHandle.FromIntPtr((nint)data).Target!;
        try
        {
            work.Run((long)part);
        }
        catch (Exception e)
        {
            // Nothing may be thrown through the runtime.
            work.Failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    private sealed class Work(BlockRunner runner, float** inputs, long* counts, float** outputs, long n, long rows, long parts)
    {
        public ExceptionDispatchInfo? Failure { get; set; }

        public void Run(long part) => runner.Run(inputs, counts, outputs, n, rows * part / parts, rows * (part + 1) / parts);
    }
}
