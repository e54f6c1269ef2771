using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis;

/// <summary>What each size is, from how the graph uses it; names play no part.</summary>
internal sealed class Roles
{
    private readonly Dictionary<SizeClass, DimensionRole> _roles = [];
    private readonly HashSet<SizeClass> _hidden = [];

    public DimensionRole Of(SizeClass size) => _roles.GetValueOrDefault(size.Find(), DimensionRole.Other);

    public bool IsHidden(Value value) =>
        !value.IsStatic && value.Axes is { } axes && axes.Any(a => a.Atoms().Any(t => _hidden.Contains(t.Size)));

    public static Roles Find(Flow flow, CarrierTable carriers)
    {
        var roles = new Roles();
        roles.FindHidden(flow, carriers);
        roles.FindAttention(flow, carriers);
        roles.FindTables(flow);
        roles.FindInner(carriers);
        return roles;
    }

    private void FindHidden(Flow flow, CarrierTable carriers)
    {
        // The sizes that norms run over. A norm over one head (QK-norm) has a head's size, which attention claims later.
        foreach (NormInstance norm in flow.Norms)
        {
            if (norm.Input.Axes is [.., { } last] && last.Atoms().ToArray() is [var atom])
            {
                _hidden.Add(atom.Size);
                _roles[atom.Size] = DimensionRole.Hidden;
            }
        }

        // Where some of them are residual streams, the others (the transform of a head) are not what is called hidden.
        HashSet<SizeClass> streams = [.. carriers.All.Where(c => c.ResidualSums > 0 && c.NormInputs.Count > 0).Select(c => c.Size)];
        if (_hidden.Overlaps(streams))
        {
            foreach (SizeClass size in _hidden.Where(s => !streams.Contains(s)).ToArray())
            {
                _hidden.Remove(size);
                _roles.Remove(size);
            }
        }
    }

    private void FindAttention(Flow flow, CarrierTable carriers)
    {
        foreach (Node node in flow.Graph.Nodes)
        {
            if (!node.Is("MatMul") || node.Inputs.Any(i => i is null or { IsStatic: true }) || node.Output(0)?.Axes is not { Length: > 2 } axes)
            {
                continue;
            }

            foreach (Axis batch in axes[..^2])
            {
                Claim(batch, DimensionRole.Heads, carriers);
            }

            // q k^T sums over a head's size; the weighted sum of the values has it as its last axis. The other axes of both
            // are positions, which Softmax freezes.
            foreach (Axis axis in new[] { node.Input(0)!.Axes![^1], axes[^1] })
            {
                Claim(axis, DimensionRole.HeadDim, carriers);
            }
        }
    }

    private void Claim(Axis axis, DimensionRole role, CarrierTable carriers)
    {
        foreach (Atom atom in axis.Atoms())
        {
            if (atom.Extent is not null && carriers.Refusals(atom.Size).Count == 0
                && _roles.GetValueOrDefault(atom.Size) is DimensionRole.Other or DimensionRole.Hidden && !IsStreamSize(atom, carriers))
            {
                _roles[atom.Size] = role;
                _hidden.Remove(atom.Size);
            }
        }
    }

    private static bool IsStreamSize(Atom atom, CarrierTable carriers) =>
        carriers.All.Any(c => c.Size == atom.Size && c.ResidualSums > 0 && c.NormInputs.Count > 0);

    private void FindTables(Flow flow)
    {
        foreach (Lookup lookup in flow.Lookups)
        {
            bool fromInput = Origins.ReachesInput(lookup.Node.Input(lookup.IndexInput)!);
            foreach (Atom atom in lookup.Axis.Atoms())
            {
                if (!lookup.Node.Input(0)!.IsStatic || _roles.ContainsKey(atom.Size))
                {
                    continue;
                }

                _roles[atom.Size] = !fromInput ? DimensionRole.Positions
                    : atom.Extent <= 8 ? DimensionRole.Segments
                    : DimensionRole.Vocabulary;
            }
        }
    }

    private void FindInner(CarrierTable carriers)
    {
        // What one weight writes and another reads, and that is nothing else: the inner width of a block.
        foreach (Carrier carrier in carriers.All)
        {
            if (!carrier.HasActivation || carrier.Root.Extent is null || _roles.ContainsKey(carrier.Size)
                || carriers.Refusals(carrier.Size).Count > 0)
            {
                continue;
            }

            if (carrier.Contracted.Any(c => !c.Other.HasActivation))
            {
                _roles[carrier.Size] = DimensionRole.Inner;
            }
        }
    }
}

/// <summary>Where values come from.</summary>
internal static class Origins
{
    /// <summary>Whether the value follows from a graph input's entries (not only from its shape).</summary>
    public static bool ReachesInput(Value value)
    {
        var seen = new HashSet<Value>();
        var work = new Stack<Value>([value]);
        while (work.TryPop(out Value? v))
        {
            if (v.IsGraphInput)
            {
                return true;
            }

            if (!seen.Add(v) || v.Producer is not { } node || node.Is("Shape") || node.Is("Size"))
            {
                continue;
            }

            foreach (Value? input in node.Inputs)
            {
                if (input is not null)
                {
                    work.Push(input);
                }
            }
        }

        return false;
    }
}
