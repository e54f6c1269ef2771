using System.Globalization;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;

namespace OnnxGrow.Growth.Deepening;

/// <summary>
/// States of new layers: each becomes an input and an output of the model beside those of the layer that it follows. Where
/// the names of all states of one kind differ by a number that counts the layers, they are numbered anew, so that whoever
/// feeds past 0, 1, 2 ... still can.
/// </summary>
internal sealed class StateCopies(ModelMap map, GraphEditor editor, List<InterfaceChange> changes)
{
    private readonly List<(Layer After, Layer Block, LayerCopy Copy)> _copies = [];
    private readonly Dictionary<(string Name, bool IsInput), int> _noted = [];

    public void AddCopy(Layer block, Layer after, LayerCopy copy)
    {
        if (block.States.Count > 0)
        {
            _copies.Add((after, block, copy));
        }
    }

    public void Finish()
    {
        if (_copies.Count == 0)
        {
            return;
        }

        int kinds = map.Layers[0].States.Count;
        if (map.Layers.Any(l => l.States.Count != kinds))
        {
            throw new CannotGrowException(ErrorCode.Layers, "the layers take different numbers of states (caches), so a new layer's place among them is not clear");
        }

        for (int i = 0; i < changes.Count; i++)
        {
            if (!changes[i].IsNew)
            {
                _noted.TryAdd((changes[i].SourceName, changes[i].IsInput), i);
            }
        }

        GraphProto graph = editor.Target.Proto.Graph;
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int kind = 0; kind < kinds; kind++)
        {
            Place(graph.Input, s => s.Input, kind, isInput: true, renames);
            Place(graph.Output, s => s.Output, kind, isInput: false, renames);
        }

        editor.Rename(renames);
    }

    /// <summary>Adds the new ones of one kind, each behind those before it, and numbers them.</summary>
    private void Place(Google.Protobuf.Collections.RepeatedField<ValueInfoProto> list, Func<ModelState, Value> side, int kind, bool isInput, Dictionary<string, string> renames)
    {
        var infos = new Dictionary<string, ValueInfoProto>(StringComparer.Ordinal);
        foreach (ValueInfoProto info in list)
        {
            infos.TryAdd(info.Name, info);
        }

        ILookup<int, (Layer After, Layer Block, LayerCopy Copy)> copies = _copies.ToLookup(c => c.After.Index);
        var behind = new Dictionary<ValueInfoProto, List<ValueInfoProto>>(ReferenceEqualityComparer.Instance);
        var order = new List<(string Name, Value Source, bool IsNew)>();
        foreach (Layer layer in map.Layers)
        {
            Value own = side(layer.States[kind]);
            order.Add((own.Name, own, false));
            ValueInfoProto place = InfoOf(own.Name, infos);
            foreach ((Layer After, Layer Block, LayerCopy Copy) copy in copies[layer.Index])
            {
                Value copied = side(copy.Block.States[kind]);
                ValueInfoProto info = InfoOf(copied.Name, infos).Clone();
                info.Name = copy.Copy.NameOf(copied);
                if (!behind.TryGetValue(place, out List<ValueInfoProto>? others))
                {
                    behind.Add(place, others = []);
                }

                others.Add(info);
                order.Add((info.Name, copied, true));
            }
        }

        ValueInfoProto[] all = [.. list.SelectMany(i => behind.GetValueOrDefault(i, []).Prepend(i))];
        list.Clear();
        list.AddRange(all);
        string[]? names = Numbered([.. map.Layers.Select(l => side(l.States[kind]).Name)], order.Count);
        for (int i = 0; i < order.Count; i++)
        {
            string name = names?[i] ?? order[i].Name;
            if (name != order[i].Name)
            {
                renames.Add(order[i].Name, name);
            }

            Note(order[i], name, isInput);
        }
    }

    private void Note((string Name, Value Source, bool IsNew) entry, string name, bool isInput)
    {
        int at = _noted.GetValueOrDefault((entry.Source.Name, isInput), -1);
        InterfaceChange change = (at >= 0 ? changes[at] : new InterfaceChange
        {
            SourceName = entry.Source.Name,
            GrownName = name,
            IsInput = isInput,
            Axes = [.. entry.Source.Axes!.Select(_ => (Recipes.AxisExpansion?)null)],
        }) with { GrownName = name, IsNew = entry.IsNew };
        if (entry.IsNew || (at < 0 && name != entry.Source.Name))
        {
            changes.Add(change);
            if (!entry.IsNew)
            {
                _noted.Add((entry.Source.Name, isInput), changes.Count - 1);
            }
        }
        else if (at >= 0)
        {
            changes[at] = change;
        }
    }

    private static ValueInfoProto InfoOf(string name, Dictionary<string, ValueInfoProto> infos) =>
        infos.GetValueOrDefault(name) ?? throw new CannotGrowException(ErrorCode.Layers, $"the state '{Text.Name(name)}' is no input or output of the graph");

    /// <summary>Names for all, where the old ones differ only by a number that goes up by one from layer to layer.</summary>
    private static string[]? Numbered(string[] names, int count)
    {
        for (int start = 0; start < names[0].Length; start++)
        {
            if (!char.IsAsciiDigit(names[0][start]) || (start > 0 && char.IsAsciiDigit(names[0][start - 1])))
            {
                continue;
            }

            int end = start;
            while (end < names[0].Length && char.IsAsciiDigit(names[0][end]))
            {
                end++;
            }

            if (!int.TryParse(names[0][start..end], NumberStyles.None, CultureInfo.InvariantCulture, out int first))
            {
                continue;
            }

            string before = names[0][..start];
            string after = names[0][end..];
            string Name(int i) => before + (first + i).ToString(CultureInfo.InvariantCulture) + after;
            if (names.Length > 1 && names.Select((n, i) => n == Name(i)).All(same => same))
            {
                return [.. Enumerable.Range(0, count).Select(Name)];
            }
        }

        return null;
    }
}
