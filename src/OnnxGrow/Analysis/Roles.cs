using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis;

/// <summary>What each size is, from how the graph uses it; names play no part.</summary>
internal sealed class Roles
{
    private readonly Dictionary<SizeClass, DimensionRole> _roles = [];
    private readonly HashSet<SizeClass> _hidden = [];
    private HashSet<SizeClass> _streams = [];

    public DimensionRole Of(SizeClass size) => _roles.GetValueOrDefault(size.Find(), DimensionRole.Other);

    public bool IsHidden(Value value) =>
        !value.IsStatic && value.Axes is { } axes && axes.Any(a => a.Atoms().Any(t => _hidden.Contains(t.Size)));

    public static Roles Find(Flow flow, CarrierTable carriers)
    {
        var roles = new Roles();
        roles.FindHidden(flow, carriers);
        roles.FindExperts(carriers);
        roles.FindAttention(flow, carriers);
        roles.FindTables(flow, carriers);
        roles.FindBuffers(flow, carriers);
        roles.FindClasses(flow, carriers);
        roles.FindInner(carriers);
        return roles;
    }

    private void FindHidden(Flow flow, CarrierTable carriers)
    {
        // The sizes that norms run over. A norm over one head (QK-norm) has a head's size, which attention claims later.
        foreach (NormInstance norm in flow.Norms)
        {
            if (norm.AxisOf(norm.Input) is { } last && last.Atoms().ToArray() is [var atom])
            {
                _hidden.Add(atom.Size);
                _roles[atom.Size] = DimensionRole.Hidden;
            }
        }

        _streams = Streams(carriers);
        if (!_hidden.Overlaps(_streams))
        {
            // Without norms over it (BatchNorm runs over the batch), the width is that of what sums are added up on.
            Carrier[] summed = [.. carriers.All.Where(c => c.ResidualSums > 1 && c.Root.Extent > 1 && c.Contracted.Any(l => l.OtherIsWeight))];
            if (summed.Length > 0)
            {
                _hidden.Clear();
                _roles.Clear();
                _streams = [.. summed.Select(c => c.Size)];
            }

            foreach (Carrier carrier in summed)
            {
                _hidden.Add(carrier.Size);
                _roles[carrier.Size] = DimensionRole.Hidden;
            }

            return;
        }

        // Where some of them are residual streams, the others (the transform of a head) are not what is called hidden.
        foreach (SizeClass size in _hidden.Where(s => !_streams.Contains(s)).ToArray())
        {
            _hidden.Remove(size);
            _roles.Remove(size);
        }
    }

    /// <summary>
    /// Sizes of residual streams: norms run over them, sums are added up on them, and weights read them. A rotary embedding
    /// sums on normed heads too, but what reads those is the other half of attention.
    /// </summary>
    private static HashSet<SizeClass> Streams(CarrierTable carriers)
    {
        HashSet<SizeClass> read = [.. carriers.All.Where(c => c.Contracted.Any(l => l.OtherIsWeight)).Select(c => c.Size)];
        return [.. carriers.All.Where(c => c.ResidualSums > 0 && c.NormInputs.Count + c.NormOutputs.Count > 0 && read.Contains(c.Size)).Select(c => c.Size)];
    }

    private void FindAttention(Flow flow, CarrierTable carriers)
    {
        foreach (AttentionUse attention in flow.Attentions)
        {
            foreach (Axis heads in attention.Heads)
            {
                Atom[] known = [.. heads.Atoms().Where(a => a.Extent is not null && carriers.Refusals(a.Size).Count == 0)];
                bool grouped = known.Length > 1;
                foreach ((int i, Atom atom) in known.Index())
                {
                    Claim(new Axis(atom), !grouped ? DimensionRole.Heads : i == 0 ? DimensionRole.KvHeads : DimensionRole.HeadsPerKv, carriers);
                }
            }

            Claim(attention.Size, DimensionRole.HeadDim, carriers);
        }
    }

    private void Claim(Axis axis, DimensionRole role, CarrierTable carriers)
    {
        foreach (Atom atom in axis.Atoms())
        {
            if (atom.Extent is not null && carriers.Refusals(atom.Size).Count == 0
                && _roles.GetValueOrDefault(atom.Size) is DimensionRole.Other or DimensionRole.Hidden && !_streams.Contains(atom.Size))
            {
                _roles[atom.Size] = role;
                _hidden.Remove(atom.Size);
            }
        }
    }

    private void FindExperts(CarrierTable carriers)
    {
        foreach (Carrier carrier in carriers.All.Where(c => c.SoftmaxOf is not null && c.Root.Extent is not null))
        {
            _roles.TryAdd(carrier.Size, DimensionRole.Experts);
        }
    }

    private void FindTables(Flow flow, CarrierTable carriers)
    {
        var fed = new List<Atom>();
        foreach (Lookup lookup in flow.Lookups.Where(l => l.Table.IsStatic))
        {
            // A table of states has the residual width; others (biases by distance) are not what positions are counted by.
            if (!lookup.Table.Axes!.Any(a => a.Atoms().Any(t => _hidden.Contains(t.Size) || carriers.Of(t).ResidualSums > 0)))
            {
                continue;
            }

            bool fromInput = lookup.Node.Input(lookup.IndexInput) is { } index && Origins.ReachesInput(index);
            foreach (Atom atom in lookup.Axis.Atoms().Where(a => !_roles.ContainsKey(a.Size)))
            {
                if (fromInput && atom.Extent > 8)
                {
                    fed.Add(atom);
                }
                else
                {
                    _roles[atom.Size] = fromInput ? DimensionRole.Segments : DimensionRole.Positions;
                }
            }
        }

        // Positions may be fed too: tokens are what the model also gives out, or else what there is most of.
        var outputs = flow.Graph.Outputs.SelectMany(o => o.Axes ?? []).SelectMany(a => a.Atoms()).Select(a => a.Extent).ToHashSet();
        bool anyOut = fed.Any(a => outputs.Contains(a.Extent));
        long? most = fed.Max(a => a.Extent);
        foreach (Atom atom in fed)
        {
            _roles[atom.Size] = (anyOut ? outputs.Contains(atom.Extent) : atom.Extent == most) ? DimensionRole.Vocabulary : DimensionRole.Positions;
        }
    }

    /// <summary>
    /// Masks and angles have as many entries as there are positions: those of the table of positions, or where there is no
    /// such table, what ranges are taken of.
    /// </summary>
    private void FindBuffers(Flow flow, CarrierTable carriers)
    {
        HashSet<long?> positions = [.. _roles.Where(r => r.Value == DimensionRole.Positions).Select(r => r.Key.Extent)];
        IEnumerable<Axis> taken = flow.Ranges.Concat(flow.Lookups.Where(l => l.Table.IsStatic).Select(l => l.Axis));
        HashSet<SizeClass> ranged = [.. flow.Ranges.SelectMany(r => r.Atoms()).Select(a => a.Size)];
        foreach (Atom atom in taken.SelectMany(a => a.Atoms()).Where(a => a.Extent is not null && !_roles.ContainsKey(a.Size)))
        {
            bool only = carriers.Refusals(atom.Size).All(f => f.Kind == FreezeKind.Lookup)
                && carriers.WithSize(atom.Size).All(c => c.Contracted.Count == 0 && c.GainOf.Count == 0);
            if (only && (positions.Contains(atom.Extent) || (positions.Count == 0 && ranged.Contains(atom.Size))))
            {
                _roles[atom.Size] = DimensionRole.Positions;
            }
        }
    }

    /// <summary>What an output tells apart. A head that has as many entries as there are tokens gives tokens.</summary>
    private void FindClasses(Flow flow, CarrierTable carriers)
    {
        HashSet<long?> vocabularies = [.. _roles.Where(r => r.Value == DimensionRole.Vocabulary).Select(r => r.Key.Extent)];
        foreach (Atom atom in flow.Graph.Outputs.SelectMany(o => o.Axes ?? []).SelectMany(a => a.Atoms()))
        {
            bool onlyOut = atom.Extent is not null && !_roles.ContainsKey(atom.Size)
                && carriers.Refusals(atom.Size).All(f => f.Kind == FreezeKind.Output)
                && carriers.WithSize(atom.Size).All(c => c.Contracted.Count == 0);
            if (onlyOut)
            {
                _roles[atom.Size] = vocabularies.Contains(atom.Extent) ? DimensionRole.Vocabulary : DimensionRole.Classes;
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
    /// <summary>Whether the value's entries are a constant's, of which ranges may have been taken.</summary>
    public static bool IsTable(Value value)
    {
        for (int steps = 0; steps < 32 && value.Tensor is null; steps++)
        {
            if (value.Producer is not { } node || node.Operator is not ("Slice" or "Gather" or "Cast" or "Identity" or "Unsqueeze" or "Squeeze" or "Transpose"))
            {
                return false;
            }

            value = node.Input(0)!;
        }

        return value.Tensor is not null;
    }

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
