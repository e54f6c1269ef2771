using System.Globalization;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Layers;

namespace OnnxGrow.Analysis;

/// <summary>Names the dimensions and lists what each ties together.</summary>
internal static class DimensionTable
{
    public static IReadOnlyList<Dimension> Of(Flow flow, CarrierTable carriers, Roles roles, IReadOnlyList<Layer> layers)
    {
        var weights = new Dictionary<SizeClass, List<WeightAxis>>();
        var order = new List<SizeClass>();
        foreach (Value value in flow.Graph.Values)
        {
            if (value.Tensor is null || value.Axes is null)
            {
                continue;
            }

            bool isFloat = Onnx.ElementTypes.IsGrowable((Onnx.ElementType)value.Tensor.DataType);

            for (int i = 0; i < value.Axes.Length; i++)
            {
                foreach (Atom atom in value.Axes[i].Atoms())
                {
                    // Masks and numbers of positions are no weights, and have to go on with the positions.
                    if (!isFloat && roles.Of(atom.Size) != DimensionRole.Positions)
                    {
                        continue;
                    }

                    if (!weights.TryGetValue(atom.Size, out List<WeightAxis>? list))
                    {
                        weights.Add(atom.Size, list = []);
                        order.Add(atom.Size);
                    }

                    if (list.Count == 0 || list[^1] != new WeightAxis(value.Name, i))
                    {
                        list.Add(new WeightAxis(value.Name, i));
                    }
                }
            }
        }

        Dictionary<SizeClass, int> occurrences = Occurrences(flow);
        Dictionary<SizeClass, int?> layerOf = LayersOf(flow, layers);
        var result = new List<Dimension>();
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (SizeClass size in order)
        {
            if (size.Extent is not { } extent)
            {
                continue;
            }

            int? layer = layerOf.GetValueOrDefault(size);
            DimensionRole role = roles.Of(size);
            role = role == DimensionRole.Inner && layer is not null ? DimensionRole.Ffn : role;
            bool appends = role is DimensionRole.Vocabulary or DimensionRole.Positions or DimensionRole.Segments or DimensionRole.Classes;
            result.Add(new Dimension
            {
                Growth = appends ? DimensionGrowth.Append : DimensionGrowth.Expand,
                Occurrences = occurrences.GetValueOrDefault(size, 1),
                Name = Unique(NameOf(role, layer), used),
                Role = role,
                Extent = extent,
                Layer = layer,
                Weights = [.. weights[size]],
                Refusals = [.. carriers.Refusals(size).Where(f => appends ? f.Kind is not (FreezeKind.Lookup or FreezeKind.Output) : f.Interface is null).Select(f => f.Why)],
                InterfaceRefusals = [.. carriers.Refusals(size).Where(f => !appends && f.Interface is not null).Select(f => f.Why)],
                Size = size,
            });
        }

        return [.. result.OrderBy(d => Rank(d.Role)).ThenBy(d => d.Layer ?? int.MaxValue)];
    }

    /// <summary>How often a size occurs in an axis that two activations are summed over: rotary embeddings cut a head in two.</summary>
    private static Dictionary<SizeClass, int> Occurrences(Flow flow)
    {
        var found = new Dictionary<SizeClass, int>();
        foreach (Contraction contraction in flow.Contractions.Where(c => !c.LeftIsWeight && !c.RightIsWeight))
        {
            foreach (IGrouping<SizeClass, Atom> atoms in contraction.Left.Atoms().GroupBy(a => a.Size))
            {
                found[atoms.Key] = Math.Max(found.GetValueOrDefault(atoms.Key), atoms.Count());
            }
        }

        return found;
    }

    private static int Rank(DimensionRole role) => role == DimensionRole.Other ? int.MaxValue : (int)role;

    private static string NameOf(DimensionRole role, int? layer)
    {
        string name = role switch
        {
            DimensionRole.HeadDim => "head_dim",
            DimensionRole.KvHeads => "kv_heads",
            DimensionRole.HeadsPerKv => "heads_per_kv",
            _ => role.ToString().ToLowerInvariant(),
        };
        return layer is { } l ? string.Create(CultureInfo.InvariantCulture, $"{name}.{l}") : name;
    }

    private static string Unique(string name, Dictionary<string, int> used)
    {
        int count = used.GetValueOrDefault(name);
        used[name] = count + 1;
        return count == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}#{count + 1}");
    }

    /// <summary>The one layer whose nodes' results have the size; null where several layers, or none, have it.</summary>
    private static Dictionary<SizeClass, int?> LayersOf(Flow flow, IReadOnlyList<Layer> layers)
    {
        var layerOfNode = new Dictionary<Node, int>();
        foreach (Layer layer in layers)
        {
            foreach (Node node in layer.Nodes)
            {
                layerOfNode[node] = layer.Index;
            }
        }

        var found = new Dictionary<SizeClass, int?>();
        foreach (Node node in flow.Graph.Nodes)
        {
            int? layer = layerOfNode.TryGetValue(node, out int l) ? l : null;
            foreach (Axis axis in node.Outputs.Where(o => o is { IsStatic: false }).SelectMany(o => o!.Axes ?? []))
            {
                foreach (Atom atom in axis.Atoms())
                {
                    if (!found.TryAdd(atom.Size, layer) && found[atom.Size] != layer)
                    {
                        found[atom.Size] = null;
                    }
                }
            }
        }

        return found;
    }
}
