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
            throw new CannotGrowException("the layers take different numbers of states (caches), so a new layer's place among them is not clear");
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
        var order = new List<(string Name, Value Source, bool IsNew)>();
        foreach (Layer layer in map.Layers)
        {
            Value own = side(layer.States[kind]);
            order.Add((own.Name, own, false));
            int at = IndexOf(list, own.Name);
            foreach ((Layer After, Layer Block, LayerCopy Copy) copy in _copies.Where(c => c.After == layer))
            {
                Value copied = side(copy.Block.States[kind]);
                ValueInfoProto info = list[IndexOf(list, copied.Name)].Clone();
                info.Name = copy.Copy.NameOf(copied);
                list.Insert(++at, info);
                order.Add((info.Name, copied, true));
            }
        }

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
        int at = changes.FindIndex(c => c.SourceName == entry.Source.Name && c.IsInput == isInput && !c.IsNew);
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
        }
        else if (at >= 0)
        {
            changes[at] = change;
        }
    }

    private static int IndexOf(Google.Protobuf.Collections.RepeatedField<ValueInfoProto> list, string name)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i].Name == name)
            {
                return i;
            }
        }

        throw new CannotGrowException($"the state '{Text.Name(name)}' is no input or output of the graph");
    }

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
