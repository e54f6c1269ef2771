using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OnnxGrow.Growth.Recipes;

/// <summary>
/// The expansion P (Target x Source) of one axis, stored sparsely: each row of P is a copy of one source coordinate, the
/// average of a block of them, or zero; all rows carry the common coefficient <see cref="Scale"/>. An activation x
/// is carried in the grown model as P x. Source: growth-math, rule 0.1 and section 1.
/// </summary>
public sealed class AxisExpansion
{
    /// <summary>Entry of <see cref="Map"/> for a row of zeros.</summary>
    public const int Zero = -1;

    private readonly int[] _map;

    /// <summary>Makes an expansion from its rows.</summary>
    /// <param name="source">n, the extent before growth.</param>
    /// <param name="map">One entry a grown index: a source index, <see cref="Zero"/>, or -2-b for the average of block b.</param>
    /// <param name="blocks">The blocks that averages run over.</param>
    /// <param name="scale">The coefficient of every row that is not zero.</param>
    /// <param name="weights">
    /// What each source entry counts in an average (rule 3.15): the row is the sum of weight times entry over the number
    /// of entries; null where each counts 1.
    /// </param>
    public AxisExpansion(int source, int[] map, ImmutableArray<AverageBlock> blocks, double scale = 1, double[]? weights = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights?.Length ?? source, source, nameof(weights));
        Weights = weights;
        ArgumentOutOfRangeException.ThrowIfNegative(source);
        foreach (AverageBlock block in blocks)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(block.Start, nameof(blocks));
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(block.Count, nameof(blocks));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Count, source - block.Start, nameof(blocks));
        }

        Source = source;
        _map = map;
        Blocks = blocks;
        Scale = scale;
        int[] copies = new int[source];
        int[] ordinal = new int[map.Length];
        for (int j = 0; j < map.Length; j++)
        {
            int i = map[j];
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(i, source, nameof(map));
            ArgumentOutOfRangeException.ThrowIfLessThan(i, -1 - blocks.Length, nameof(map));
            if (i >= 0)
            {
                ordinal[j] = copies[i]++;
            }
        }

        Copies = ImmutableCollectionsMarshal.AsImmutableArray(copies);
        Ordinal = ImmutableCollectionsMarshal.AsImmutableArray(ordinal);
    }

    /// <summary>n: the extent before growth.</summary>
    public int Source { get; }

    /// <summary>m: the extent after growth.</summary>
    public int Target => _map.Length;

    /// <summary>The coefficient of every row that is not zero.</summary>
    public double Scale { get; }

    /// <summary>For each grown index: the source index it copies, <see cref="Zero"/>, or -2-b for the average of block b.</summary>
    public ReadOnlySpan<int> Map => _map;

    /// <summary>What each source entry counts in an average; null where each counts 1.</summary>
    public double[]? Weights { get; }

    /// <summary>The blocks of source indices that averages run over.</summary>
    public ImmutableArray<AverageBlock> Blocks { get; }

    /// <summary>For each source index: how many grown indices copy it.</summary>
    public ImmutableArray<int> Copies { get; }

    /// <summary>For each grown index that is a copy: which copy of its source it is, counted from 0.</summary>
    public ImmutableArray<int> Ordinal { get; }

    /// <summary>Whether the grown axis is the source axis itself.</summary>
    public bool IsIdentity
    {
        get
        {
            if (Source != Target || Scale != 1)
            {
                return false;
            }

            for (int j = 0; j < _map.Length; j++)
            {
                if (_map[j] != j)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The expansion that changes nothing.</summary>
    public static AxisExpansion Identity(int extent)
    {
        int[] map = new int[extent];
        for (int i = 0; i < extent; i++)
        {
            map[i] = i;
        }

        return new AxisExpansion(extent, map, []);
    }

    /// <summary>The same expansion with every row times <paramref name="factor"/>.</summary>
    public AxisExpansion Times(double factor) => new(Source, _map, Blocks, Scale * factor, Weights);

    /// <summary>P of a product axis (row-major): the Kronecker product of the factors' expansions.</summary>
    /// <exception cref="CannotGrowException">The outer factor averages, or weighs what it averages.</exception>
    public static AxisExpansion Product(AxisExpansion outer, AxisExpansion inner)
    {
        if (outer.Source == 1 && outer.Target == 1 && outer.Scale == 1)
        {
            return inner;
        }

        if (inner.Source == 1 && inner.Target == 1 && inner.Scale == 1)
        {
            return outer;
        }

        if (outer.Weights is not null || inner.Weights is not null || outer.Blocks.Length > 0)
        {
            throw new CannotGrowException(
                ErrorCode.Size, "an averaging expansion cannot be one factor of a grown product axis; grow the axis by a whole multiple");
        }

        var blocks = ImmutableArray.CreateBuilder<AverageBlock>();
        int[] map = new int[outer.Target * inner.Target];
        for (int a = 0; a < outer.Target; a++)
        {
            int offset = outer._map[a] * inner.Source;
            int firstBlock = blocks.Count;
            if (outer._map[a] >= 0)
            {
                blocks.AddRange(inner.Blocks.Select(block => new AverageBlock(block.Start + offset, block.Count)));
            }

            for (int b = 0; b < inner.Target; b++)
            {
                int j = inner._map[b];
                map[(a * inner.Target) + b] = outer._map[a] < 0 || j == Zero ? Zero
                    : j >= 0 ? offset + j
                    : j - firstBlock;
            }
        }

        return new AxisExpansion(outer.Source * inner.Source, map, blocks.ToImmutable(), outer.Scale * inner.Scale);
    }

    /// <summary>P of a concatenated axis: the block-diagonal matrix of the parts' expansions.</summary>
    /// <exception cref="CannotGrowException">The parts' scales differ.</exception>
    public static AxisExpansion Concat(IReadOnlyList<AxisExpansion> parts)
    {
        var blocks = ImmutableArray.CreateBuilder<AverageBlock>();
        var map = new List<int>();
        int offset = 0;
        foreach (AxisExpansion part in parts)
        {
            if (part.Weights is not null && parts.Count > 1)
            {
                throw new CannotGrowException(ErrorCode.Size, "a part of a concatenated axis holds weighted averages; grow it by a whole multiple");
            }

            if (part.Scale != parts[0].Scale)
            {
                throw new CannotGrowException(ErrorCode.Size, "the parts of a concatenated axis are scaled differently");
            }

            int firstBlock = blocks.Count;
            foreach (AverageBlock block in part.Blocks)
            {
                blocks.Add(new AverageBlock(block.Start + offset, block.Count));
            }

            foreach (int j in part._map)
            {
                map.Add(j == Zero ? Zero : j >= 0 ? offset + j : j - firstBlock);
            }

            offset += part.Source;
        }

        return new AxisExpansion(offset, [.. map], blocks.ToImmutable(), parts.Count == 0 ? 1 : parts[0].Scale, parts.Count == 1 ? parts[0].Weights : null);
    }
}

/// <summary>Source indices Start .. Start+Count-1, whose mean an expansion's row takes.</summary>
/// <param name="Start">The first source index.</param>
/// <param name="Count">How many.</param>
public readonly record struct AverageBlock(int Start, int Count);
