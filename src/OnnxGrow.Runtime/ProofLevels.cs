using System.Globalization;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime;

/// <summary>How far a proof goes; each level takes in those before it.</summary>
public enum ProofLevel
{
    /// <summary>The certificate over the weights: no runtime, any size.</summary>
    Certificate,

    /// <summary>Also both graphs in float64.</summary>
    Witness,

    /// <summary>Also both models as they are.</summary>
    Run,
}

/// <summary>Which levels of a proof run: those asked for, or those that the free memory is enough for.</summary>
internal static class ProofLevels
{
    /// <summary>
    /// Memory that running takes, as a multiple of the bytes of both models' weights: in float64 they are twice as large as in
    /// float32, and ONNX Runtime holds them as read and as it packs them. Measured on float32: 3.9 (docs/speed.md).
    /// </summary>
    public const int MemoryPerWeightByte = 5;

    /// <summary>Models of more than so many bytes of weights are not run unless asked for: it takes long.</summary>
    public const long MostWeightBytes = 4L << 30;

    /// <summary>Options with the levels that run, and why others do not.</summary>
    public static EquivalenceOptions Settle(EquivalenceOptions options, OnnxModel source, OnnxModel grown, long freeMemory)
    {
        if (options.Proof is { } asked)
        {
            EquivalenceLevels levels = asked switch
            {
                ProofLevel.Certificate => EquivalenceLevels.Certificate,
                ProofLevel.Witness => EquivalenceLevels.Certificate | EquivalenceLevels.Witness,
                _ => EquivalenceLevels.All,
            };
            string? notRun = levels == EquivalenceLevels.All ? null : $"--proof {asked.ToString().ToLowerInvariant()}";
            return options with { Levels = options.Levels & levels, NotRun = notRun };
        }

        long weights = BytesOf(source) + BytesOf(grown);
        string? why = weights > freeMemory / MemoryPerWeightByte
            ? string.Create(CultureInfo.InvariantCulture, $"which running takes about {MemoryPerWeightByte} times, and {Text.Bytes(freeMemory)} of memory are free")
            : weights > MostWeightBytes ? $"and running more than {Text.Bytes(MostWeightBytes)} takes long"
            : null;
        return why is null || options.Certificate is not { Ran: true } ? options : options with
        {
            Levels = options.Levels & EquivalenceLevels.Certificate,
            NotRun = $"both models have {Text.Bytes(weights)} of weights, {why}; --proof run does it all the same",
        };
    }

    /// <summary>Memory that a process could still take, in bytes.</summary>
    public static long FreeMemory()
    {
        // The figures are those of the last collection.
        GC.Collect(0);
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    private static long BytesOf(OnnxModel model)
    {
        long bytes = 0;
        ProtoTensors.Visit(model.Proto, (tensor, _) => bytes += TensorSource.IsKnown(tensor) ? ElementTypes.ByteLength((ElementType)tensor.DataType, Tensors.CountOf(tensor)) : 0);
        return bytes;
    }
}
