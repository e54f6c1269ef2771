using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Widening;

/// <summary>
/// Lets the integers that carry a grown size follow: Reshape targets, Split sizes, Slice bounds, Expand shapes. A constant
/// that something else uses too is left alone; the node gets its own.
/// </summary>
internal sealed class SizePatcher(ModelMap map, TargetSizes targets, GraphEditor editor)
{
    private readonly Dictionary<string, string> _copies = new(StringComparer.Ordinal);

    public void Run()
    {
        foreach (IGrouping<(Node Node, int Input, string? Attribute), SizeSlot> place in map.Flow.Slots.GroupBy(s => (s.Node, s.Input, s.Attribute)))
        {
            var changes = new Dictionary<ConstantElement, long>();
            var fixedElements = new SortedDictionary<int, long>();
            foreach (SizeSlot slot in place)
            {
                Collect(slot, changes, fixedElements);
            }

            if (changes.Count > 0 && (fixedElements.Count > 0 || place.Any(s => !Fits(s, changes))))
            {
                // One constant stands for several sizes that grow differently: each size gets its own.
                changes.Clear();
                foreach (SizeSlot slot in place)
                {
                    if (Required(slot) is { } required && Given(slot) is { } given && given != required)
                    {
                        fixedElements[slot.Element] = (long)required;
                    }
                }
            }

            NodeProto node = editor.Of(place.Key.Node);
            if (changes.Count > 0)
            {
                node.Input[place.Key.Input] = Rebuild(place.Key.Node.Input(place.Key.Input)!, changes, node);
            }

            if (fixedElements.Count > 0)
            {
                node.Input[place.Key.Input] = Fix(place.First(), node, fixedElements);
            }
        }

        foreach (PinnedSize pin in map.Flow.Pins)
        {
            Pin(pin);
        }

        PatchTypes();
    }

    /// <summary>A size that arithmetic on data takes (the square root of a head's size) stays what it is in the source.</summary>
    private void Pin(PinnedSize pin)
    {
        Value value = pin.Node.Input(pin.Input)!;
        double?[] now = [.. value.Elements!.Select(e => e.Evaluate(a => a.Extent, _ => null))];
        double?[] then = [.. value.Elements!.Select(e => e.Evaluate(a => targets.Of(a), _ => null))];
        if (now.SequenceEqual(then))
        {
            return;
        }

        if (now.Any(n => n is null))
        {
            throw new CannotGrowException(
                ErrorCode.Weight, $"{pin.Node.Display} computes with sizes of which one grows and another is known only when it runs");
        }

        ElementType type = SizeType.Of(value);
        string name = editor.Unique(value.Name + "_source_size");
        TensorProto tensor = Tensors.Numbers(name, type, value.Axes is { Length: 0 } ? [] : [now.Length], [.. now.Select(n => n!.Value)]);
        editor.Target.Proto.Graph.Initializer.Add(tensor);
        editor.Of(pin.Node).Input[pin.Input] = name;
    }

    private void Collect(SizeSlot slot, Dictionary<ConstantElement, long> changes, SortedDictionary<int, long> fixedElements)
    {
        if (Required(slot) is not { } required || Given(slot) is not { } given || given == required)
        {
            return;
        }

        if (slot.Attribute is { } name)
        {
            AttributeProto attribute = editor.Of(slot.Node).Attribute.First(a => a.Name == name);
            if (slot.Element < 0)
            {
                attribute.I = (long)required;
            }
            else
            {
                attribute.Ints[slot.Element] = (long)required;
            }

            return;
        }

        if (SlotSolver.Solve(slot.Given, (long)required, SizesFor(slot)) is not { } found)
        {
            fixedElements[slot.Element] = (long)required;
            return;
        }

        foreach ((ConstantElement element, long value) in found)
        {
            changes[element] = value;
        }
    }

    private double? Required(SizeSlot slot) => slot.Required.Evaluate(SizesFor(slot), _ => null);

    private double? Given(SizeSlot slot) => slot.Given.Evaluate(SizesFor(slot), _ => null);

    /// <summary>A product with a dynamic extent is right where the product of the rest is.</summary>
    private Func<Axis, long?> SizesFor(SizeSlot slot) => slot.Given.Known is null && slot.Given.IsProduct ? a => targets.OfKnown(a) : a => targets.Of(a);

    private bool Fits(SizeSlot slot, Dictionary<ConstantElement, long> changes) =>
        Required(slot) is not { } required
        || slot.Given.Evaluate(SizesFor(slot), c => changes.TryGetValue(c, out long v) ? v : null) is not { } given
        || given == required;

    /// <summary>
    /// A size that the source reads off another tensor, which grows in another way (the residual width where the merged
    /// heads are meant): the list of sizes gets a constant in its place.
    /// </summary>
    private string Fix(SizeSlot slot, NodeProto anchor, SortedDictionary<int, long> elements)
    {
        Value value = slot.Node.Input(slot.Input)!;
        if (value.Producer is not { } concat || !concat.Is("Concat") || concat.Inputs.Any(i => i?.Elements is not [_]))
        {
            throw Cannot(slot, elements.First().Value);
        }

        NodeProto copy = editor.Of(concat).Clone();
        if (anchor.Input[slot.Input] != value.Name)
        {
            // Other elements have changed already: what is read now is a copy, made just for this.
            throw Cannot(slot, elements.First().Value);
        }

        foreach ((int element, long size) in elements)
        {
            string name = editor.Unique(value.Name + "_size");
            editor.Target.Proto.Graph.Initializer.Add(Tensors.Int64(name, [1], size));
            copy.Input[element] = name;
        }

        copy.Name = copy.Name.Length == 0 ? "" : editor.Unique(copy.Name + "_grown");
        copy.Output[0] = editor.Unique(value.Name + "_grown");
        editor.InsertBefore(anchor, copy);
        return copy.Output[0];
    }

    private static CannotGrowException Cannot(SizeSlot slot, double required) => new(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{slot.Node.Display} takes a computed size (element {slot.Element} of input {slot.Input}) that would have to become {required}, and no constant of the graph decides it"));

    /// <summary>
    /// The value with the changes made: new constants, and copies of the nodes between them and the place that needs them.
    /// Equal requests share their result.
    /// </summary>
    private string Rebuild(Value value, Dictionary<ConstantElement, long> changes, NodeProto anchor)
    {
        // An explicit stack: the computation may be long, and a file may be hostile.
        var open = new Stack<Unfinished>();
        HashSet<Value> dependent = Dependent(value, changes);
        string all = string.Join(';', changes.Select(c => $"{c.Key.Value.Name}[{c.Key.Index}]={c.Value}").Order(StringComparer.Ordinal));
        string? made = Begin(value, changes, dependent, all, anchor, open);
        while (open.TryPeek(out Unfinished? copy))
        {
            if (made is not null && copy.At >= 0)
            {
                copy.Node.Input[copy.At] = made;
            }

            made = null;
            while (++copy.At < copy.Node.Input.Count)
            {
                if (copy.Value.Producer!.Input(copy.At) is { } input)
                {
                    made = Begin(input, changes, dependent, all, copy.Original, open);
                    break;
                }
            }

            if (copy.At < copy.Node.Input.Count)
            {
                continue;
            }

            open.Pop();
            for (int i = 0; i < copy.Node.Output.Count; i++)
            {
                copy.Node.Output[i] = copy.Node.Output[i].Length == 0 ? "" : editor.Unique(copy.Node.Output[i] + "_grown");
            }

            editor.InsertBefore(copy.Original, copy.Node);
            made = _copies[copy.Key] = copy.Node.Output[copy.Value.OutputIndex];
        }

        return made!;
    }

    /// <summary>What stands for a value where that is known at once; else a copy of its node is begun, and null handed back.</summary>
    private string? Begin(Value value, Dictionary<ConstantElement, long> changes, HashSet<Value> dependent, string all, NodeProto anchor, Stack<Unfinished> open)
    {
        if (!dependent.Contains(value) || (value.Tensor is null && (value.Producer is null || value.Elements is null)))
        {
            return value.Name;
        }

        string key = value.Name + "|" + all;
        if (_copies.TryGetValue(key, out string? made))
        {
            return made;
        }

        if (value.Tensor is not null)
        {
            (int Index, long Value)[] own = [.. changes.Where(c => c.Key.Value == value).Select(c => (c.Key.Index, c.Value)).Order()];
            TensorProto changed = Change(value, own);
            if (value.Producer is not null)
            {
                // A Constant node's copy stands beside the original, so that every later node may use it.
                anchor = editor.Of(value.Producer);
            }

            return _copies[key] = editor.AddConstant(value, value.Name + "_grown", changed, anchor).Name;
        }

        NodeProto original = editor.Of(value.Producer!);
        NodeProto copy = original.Clone();
        copy.Name = copy.Name.Length == 0 ? "" : editor.Unique(copy.Name + "_grown");
        open.Push(new Unfinished(value, original, copy, key));
        return null;
    }

    /// <summary>Those of the values that a list of sizes is computed from which a change reaches.</summary>
    private static HashSet<Value> Dependent(Value value, Dictionary<ConstantElement, long> changes)
    {
        HashSet<Value> changed = [.. changes.Keys.Select(c => c.Value)];
        var users = new Dictionary<Value, List<Value>>();
        var seen = new HashSet<Value> { value };
        var work = new Stack<Value>(seen);
        while (work.TryPop(out Value? v))
        {
            if (v.Elements is null || v.Producer is not { } node || node.Is("Shape"))
            {
                continue;
            }

            foreach (Value? input in node.Inputs)
            {
                if (input is null)
                {
                    continue;
                }

                if (!users.TryGetValue(input, out List<Value>? list))
                {
                    users.Add(input, list = []);
                }

                list.Add(v);
                if (seen.Add(input))
                {
                    work.Push(input);
                }
            }
        }

        var dependent = new HashSet<Value>(seen.Where(changed.Contains));
        work = new Stack<Value>(dependent);
        while (work.TryPop(out Value? v))
        {
            foreach (Value user in users.GetValueOrDefault(v, []))
            {
                if (dependent.Add(user))
                {
                    work.Push(user);
                }
            }
        }

        return dependent;
    }

    private TensorProto Change(Value value, (int Index, long Value)[] changes)
    {
        TensorProto source = value.Tensor!;
        var numbers = new double[Tensors.CountOf(source)];
        map.Graph.Model.DataOf(source).ReadDoubles(0, numbers);
        long[] values = [.. numbers.Select(n => (long)n)];
        foreach ((int index, long number) in changes)
        {
            values[index] = number;
        }

        TensorProto tensor = Tensors.Int64("", [.. source.Dims], values);
        if (source.DataType == (int)ElementType.Int32)
        {
            tensor.ClearRawData();
            tensor.Int64Data.Clear();
            tensor.DataType = source.DataType;
            tensor.Int32Data.AddRange(values.Select(v => checked((int)v)));
        }

        return tensor;
    }

    /// <summary>Types that the file states for its values follow; a stale one would make a runtime refuse the model.</summary>
    private void PatchTypes()
    {
        GraphProto graph = editor.Target.Proto.Graph;
        foreach (ValueInfoProto info in graph.ValueInfo.Concat(graph.Input).Concat(graph.Output))
        {
            if (info.Type?.TensorType?.Shape is not { } shape || map.Graph.Find(info.Name) is not { } value)
            {
                continue;
            }

            for (int i = 0; i < shape.Dim.Count; i++)
            {
                if (!shape.Dim[i].HasDimValue)
                {
                    continue;
                }

                if (value.Axes is null || value.Axes.Length != shape.Dim.Count || targets.Of(value.Axes[i]) is not { } extent)
                {
                    shape.Dim[i].ClearDimValue();
                }
                else
                {
                    shape.Dim[i].DimValue = extent;
                }
            }
        }
    }

    /// <summary>A copy of a node whose inputs are still being made.</summary>
    private sealed class Unfinished(Value value, NodeProto original, NodeProto node, string key)
    {
        public Value Value { get; } = value;

        public NodeProto Original { get; } = original;

        public NodeProto Node { get; } = node;

        public string Key { get; } = key;

        /// <summary>The input whose turn it is.</summary>
        public int At { get; set; } = -1;
    }
}
