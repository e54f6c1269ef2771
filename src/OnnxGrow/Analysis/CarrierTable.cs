using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis;

/// <summary>The carriers of a graph, and what operators ask of each.</summary>
internal sealed class CarrierTable
{
    private readonly Dictionary<Atom, Carrier> _carriers = [];
    private readonly Dictionary<SizeClass, List<Carrier>> _bySize = [];
    private readonly Dictionary<SizeClass, List<Frozen>> _frozen = [];

    public CarrierTable(Flow flow)
    {
        Graph = flow.Graph;
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

        foreach (Atom atom in flow.Inside.SelectMany(a => a.Atoms()))
        {
            Of(atom).HasActivation = true;
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

        States = Analysis.States.Find(flow.Graph);
        HashSet<Value> free = [.. States.SelectMany(s => new[] { s.Input, s.Output })];
        foreach (Frozen frozen in flow.Freezes)
        {
            if (frozen.Interface is { } boundary && free.Contains(boundary))
            {
                continue;
            }

            foreach (Atom atom in frozen.Axis.Atoms())
            {
                Freeze(atom, frozen);
            }
        }

        Link(flow);
    }

    public Graph Graph { get; }

    /// <summary>States that the model takes and hands on.</summary>
    public IReadOnlyList<ModelState> States { get; }

    public IEnumerable<Carrier> All => _carriers.Values;

    public Carrier Of(Atom atom)
    {
        Atom root = atom.Find();
        if (!_carriers.TryGetValue(root, out Carrier? carrier))
        {
            _carriers.Add(root, carrier = new Carrier(root));
            if (!_bySize.TryGetValue(root.Size, out List<Carrier>? alike))
            {
                _bySize.Add(root.Size, alike = []);
            }

            alike.Add(carrier);
        }

        return carrier;
    }

    /// <summary>The carriers of one size.</summary>
    public IReadOnlyList<Carrier> WithSize(SizeClass size) => _bySize.GetValueOrDefault(size.Find(), []);

    public IReadOnlyList<Frozen> Refusals(SizeClass size) => _frozen.TryGetValue(size.Find(), out List<Frozen>? why) ? why : [];

    private void Freeze(Atom atom, Node node, string why) => Freeze(atom, new Frozen(new Axis(atom), node, why));

    private void Freeze(Atom atom, Frozen frozen)
    {
        SizeClass size = atom.Size;
        if (!_frozen.TryGetValue(size, out List<Frozen>? reasons))
        {
            _frozen.Add(size, reasons = []);
        }

        // The first few of each kind are enough to say why, and a size may be frozen at every node.
        if (reasons.Count(r => r.Kind == frozen.Kind) < 8 && reasons.All(r => r.Why != frozen.Why))
        {
            reasons.Add(frozen);
        }
    }

    private void Link(Flow flow)
    {
        var convolved = new HashSet<Carrier>();
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
                a.HasActivation |= !contraction.LeftIsWeight;
                b.HasActivation |= !contraction.RightIsWeight;
                a.Contracted.Add(new ContractionLink(b, contraction.Node, contraction.LeftIsWeight, contraction.RightIsWeight, true));
                b.Contracted.Add(new ContractionLink(a, contraction.Node, contraction.RightIsWeight, contraction.LeftIsWeight, false));
                if (contraction.Node.Is("Conv"))
                {
                    convolved.UnionWith([a, b]);
                }
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
                var link = new GainLink(Of(input[i]), Of(weight[i]), Of(output[i]), gain.Node, gain.Norm, gain.WeightValue);
                link.Input.ReadBy.Add(link);
                link.Weight.GainOf.Add(link);
                link.Output.WrittenBy.Add(link);
            }
        }

        foreach (SoftmaxUse softmax in flow.Softmaxes)
        {
            foreach ((Atom input, Atom output) in softmax.Input.Atoms().Zip(softmax.Output.Atoms()))
            {
                Of(output).SoftmaxOf = new SoftmaxLink(Of(input), softmax.Node);
            }

            if (softmax.Input.Atoms().Skip(1).Any())
            {
                Mismatch(softmax.Input.Atoms(), softmax.Node);
            }
        }

        foreach (SumUse sum in flow.Sums)
        {
            foreach (Atom atom in sum.Axis.Atoms())
            {
                Of(atom).SummedBy.Add(sum);
            }
        }

        foreach (ProductUse product in flow.Products)
        {
            Atom[] left = [.. product.Left.Atoms()];
            Atom[] right = [.. product.Right.Atoms()];
            Atom[] output = [.. product.Output.Atoms()];
            if (left.Length != right.Length || left.Length != output.Length)
            {
                Mismatch(left.Concat(right).Concat(output), product.Node);
                continue;
            }

            for (int i = 0; i < left.Length; i++)
            {
                if (left[i].Extent is null != right[i].Extent is null)
                {
                    Freeze(left[i].Extent is null ? right[i] : left[i], product.Node, $"{product.Node.Display} multiplies it by something whose size is not known before it runs");
                    continue;
                }

                var link = new ProductLink(Of(left[i]), Of(right[i]), Of(output[i]), product.Node);
                foreach (Carrier carrier in new[] { link.Left, link.Right, link.Output }.Distinct())
                {
                    // Some exist inside an operator only, where no value shows them.
                    carrier.HasActivation = true;
                    carrier.Products.Add(link);
                }
            }
        }

        foreach (NormInstance norm in flow.Norms)
        {
            Axis? read = norm.AxisOf(norm.Input);
            foreach (Atom atom in read?.Atoms().Distinct() ?? [])
            {
                Of(atom).NormInputs.Add(norm);
                if (!GrowsAsOne(read!))
                {
                    Freeze(atom, norm.Last, $"{norm.Display} runs over several parts at once, and growing one would change what the others weigh");
                }
            }

            foreach (Atom atom in norm.AxisOf(norm.Output)?.Atoms().Distinct() ?? [])
            {
                Of(atom).NormOutputs.Add(norm);
            }
        }

        foreach (Node node in flow.Graph.Nodes)
        {
            if (node.Is("Add") && node.Inputs.All(i => i is { IsStatic: false, Elements: null }) && node.Output(0)?.Axes is [_, .., { } last]
                && node.Inputs.All(i => i!.Axes is [.., { } own] && own.Extent == last.Extent))
            {
                // Channels come last, or first where convolutions read them.
                IEnumerable<Atom> channels = node.Output(0)!.Axes is [_, { } second, _, _] ? second.Atoms().Where(a => convolved.Contains(Of(a))) : [];
                foreach (Atom atom in last.Atoms().Concat(channels))
                {
                    Of(atom).ResidualSums++;
                }
            }
        }
    }

    /// <summary>Whether the parts of an axis are all of one size, so that growing it keeps what each weighs in a norm.</summary>
    private static bool GrowsAsOne(Axis axis) => axis.Resolve().All(f => f is not Concatenation joined
        || joined.Parts.All(p => p.Atoms().Select(a => a.Size).SequenceEqual(joined.Parts[0].Atoms().Select(a => a.Size)) && GrowsAsOne(p)));

    private void Mismatch(IEnumerable<Atom> atoms, Node node)
    {
        foreach (Atom atom in atoms)
        {
            Freeze(atom, node, $"{node.Display} brings together axes of different structure");
        }
    }
}
