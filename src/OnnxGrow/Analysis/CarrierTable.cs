using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis;

/// <summary>The carriers of a graph, and what operators ask of each.</summary>
internal sealed class CarrierTable
{
    private readonly Dictionary<Atom, Carrier> _carriers = [];
    private readonly Dictionary<SizeClass, List<string>> _frozen = [];

    public CarrierTable(Flow flow)
    {
        foreach (Value value in flow.Graph.Values)
        {
            foreach (Axis axis in value.Axes ?? [])
            {
                foreach (Atom atom in axis.Atoms())
                {
                    Carrier carrier = Of(atom);
                    carrier.HasActivation |= !value.IsStatic;
                }
            }
        }

        foreach (Need need in flow.Needs)
        {
            foreach (Atom atom in need.Axis.Atoms())
            {
                Carrier carrier = Of(atom);
                if ((carrier.Needs & need.What) != need.What)
                {
                    carrier.Needs |= need.What;
                    carrier.Reasons.Add(need);
                }
            }
        }

        foreach (Frozen frozen in flow.Freezes)
        {
            foreach (Atom atom in frozen.Axis.Atoms())
            {
                Freeze(atom, frozen.Why);
            }
        }

        Link(flow);
    }

    public IEnumerable<Carrier> All => _carriers.Values;

    public Carrier Of(Atom atom)
    {
        Atom root = atom.Find();
        if (!_carriers.TryGetValue(root, out Carrier? carrier))
        {
            _carriers.Add(root, carrier = new Carrier(root));
        }

        return carrier;
    }

    public IReadOnlyList<string> Refusals(SizeClass size) => _frozen.TryGetValue(size.Find(), out List<string>? why) ? why : [];

    private void Freeze(Atom atom, string why)
    {
        SizeClass size = atom.Size;
        if (!_frozen.TryGetValue(size, out List<string>? reasons))
        {
            _frozen.Add(size, reasons = []);
        }

        if (reasons.Count < 8 && !reasons.Contains(why))
        {
            reasons.Add(why);
        }
    }

    private void Link(Flow flow)
    {
        foreach (Contraction contraction in flow.Contractions)
        {
            Atom[] left = [.. contraction.Left.Atoms()];
            Atom[] right = [.. contraction.Right.Atoms()];
            if (left.Length != right.Length)
            {
                Mismatch(left.Concat(right), contraction.Node);
                continue;
            }

            for (int i = 0; i < left.Length; i++)
            {
                Carrier a = Of(left[i]);
                Carrier b = Of(right[i]);
                a.Contracted.Add(new ContractionLink(b, contraction.Node, contraction.LeftIsWeight, contraction.RightIsWeight));
                b.Contracted.Add(new ContractionLink(a, contraction.Node, contraction.RightIsWeight, contraction.LeftIsWeight));
            }
        }

        foreach (GainUse gain in flow.Gains)
        {
            Atom[] input = [.. gain.Input.Atoms()];
            Atom[] weight = [.. gain.Weight.Atoms()];
            Atom[] output = [.. gain.Output.Atoms()];
            if (input.Length != weight.Length || input.Length != output.Length)
            {
                Mismatch(input.Concat(weight).Concat(output), gain.Node);
                continue;
            }

            for (int i = 0; i < input.Length; i++)
            {
                var link = new GainLink(Of(input[i]), Of(weight[i]), Of(output[i]), gain.Node, gain.Norm);
                link.Input.ReadBy.Add(link);
                link.Weight.GainOf.Add(link);
                link.Output.WrittenBy.Add(link);
            }
        }

        foreach (NormInstance norm in flow.Norms)
        {
            bool joined = norm.Input.Axes is [.., { } read] && read.Resolve().Any(f => f is Concatenation);
            foreach (Atom atom in norm.Input.Axes is [.., { } i] ? i.Atoms() : [])
            {
                Of(atom).NormInputs.Add(norm);
                if (joined)
                {
                    Freeze(atom, $"{norm.Display} runs over several parts at once, and growing one would change what the others weigh");
                }
            }

            foreach (Atom atom in norm.Output.Axes is [.., { } o] ? o.Atoms() : [])
            {
                Of(atom).NormOutputs.Add(norm);
            }
        }

        foreach (Node node in flow.Graph.Nodes)
        {
            if (node.Is("Add") && node.Inputs.All(i => i is { IsStatic: false, Elements: null }) && node.Output(0)?.Axes is [_, .., { } last]
                && node.Inputs.All(i => i!.Axes is [.., { } own] && own.Extent == last.Extent))
            {
                foreach (Atom atom in last.Atoms())
                {
                    Of(atom).ResidualSums++;
                }
            }
        }
    }

    private void Mismatch(IEnumerable<Atom> atoms, Node node)
    {
        foreach (Atom atom in atoms)
        {
            Freeze(atom, $"{node.Display} brings together axes of different structure");
        }
    }
}
