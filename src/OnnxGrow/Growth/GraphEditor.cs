using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth;

/// <summary>Edits a copy of a source graph: every source node keeps its message, new nodes go beside them.</summary>
internal sealed class GraphEditor
{
    private readonly GraphProto _graph;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    // By reference: a message's own equality is by content, which edits change.
    private readonly Dictionary<NodeProto, List<NodeProto>> _before = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, List<NodeProto>> _after = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, NodeProto> _inserted = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AxisExpansion> _identities = [];
    private readonly NodeProto?[] _nodes;
    private readonly bool _isDraft;
    private IReadOnlyDictionary<string, string> _renames = new Dictionary<string, string>();

    public GraphEditor(Graph source, OnnxModel target)
    {
        Source = source;
        Target = target;
        _graph = target.Proto.Graph;
        _nodes = [.. _graph.Node];
        foreach (TensorProto tensor in _graph.Initializer)
        {
            _initializers[tensor.Name] = tensor;
        }
    }

    /// <summary>
    /// A draft, for what it shows of a growth: only messages that are changed are copied, and nothing is committed.
    /// </summary>
    public GraphEditor(Graph source)
    {
        Source = source;
        Target = source.Model.WithoutGraph();
        _graph = Target.Proto.Graph;
        _nodes = new NodeProto?[source.Nodes.Count];
        _isDraft = true;
    }

    public Graph Source { get; }

    public OnnxModel Target { get; }

    /// <summary>New tensors and their recipes, by name of the value.</summary>
    public Dictionary<string, GrownWeight> Weights { get; } = new(StringComparer.Ordinal);

    /// <summary>Exact values of rounded float attributes.</summary>
    public Dictionary<AttributeProto, double> ExactAttributes { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The message of a source node.</summary>
    public NodeProto Of(Node node) => _nodes[node.FileIndex] ??= node.Proto.Clone();

    /// <summary>The message of a constant: the initializer, or the Constant node's tensor.</summary>
    public TensorProto TensorOf(Value value)
    {
        if (value.Producer is null)
        {
            if (!_initializers.TryGetValue(value.InitializerName, out TensorProto? initializer))
            {
                _initializers.Add(value.InitializerName, initializer = value.Tensor!.Clone());
            }

            return initializer;
        }

        NodeProto node = Of(value.Producer);
        TensorProto tensor = ConstantNode.TensorOf(node)!;
        if (node.Attribute.All(a => a.Name != "value"))
        {
            ConstantNode.SetTensor(node, tensor);
        }

        return tensor;
    }

    /// <summary>A name that nothing has yet.</summary>
    public string Unique(string name)
    {
        if (IsFree(name))
        {
            return name;
        }

        // Names are never given back, so numbers that were taken once are.
        int i = _numbered.GetValueOrDefault(name, 2);
        string unique;
        do
        {
            unique = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}_{i++}");
        }
        while (!IsFree(unique));
        _numbered[name] = i;
        return unique;
    }

    /// <summary>Whether nothing has a name; it is taken from then on.</summary>
    private bool IsFree(string name) => !Source.Names.Contains(name) && _names.Add(name);

    /// <summary>Nodes that width growth has put before others, by the values that they make.</summary>
    public IReadOnlyDictionary<string, NodeProto> Inserted => _inserted;

    public void InsertBefore(NodeProto anchor, NodeProto node)
    {
        ListOf(_before, anchor).Add(node);
        foreach (string output in node.Output)
        {
            _inserted[output] = node;
        }
    }

    public void InsertAfter(NodeProto anchor, IEnumerable<NodeProto> nodes) => ListOf(_after, anchor).AddRange(nodes);

    /// <summary>
    /// A new constant in the style of an old one (an initializer, or a Constant node before the anchor).
    /// </summary>
    /// <returns>The tensor; its name is the new value's.</returns>
    public TensorProto AddConstant(Value like, string name, TensorProto tensor, NodeProto anchor)
    {
        string unique = Unique(name);
        tensor.Name = unique;
        if (like.Producer is null)
        {
            _graph.Initializer.Add(tensor);
            _initializers[unique] = tensor;
            return tensor;
        }

        NodeProto node = Of(like.Producer).Clone();
        node.Name = node.Name.Length == 0 ? "" : Unique(node.Name + "_grown");
        node.Output[0] = unique;
        ConstantNode.SetTensor(node, tensor);
        InsertBefore(anchor, node);
        return tensor;
    }

    /// <summary>Sets the recipe of a tensor of the target and lets it be computed on demand.</summary>
    public void SetRecipe(string name, Value source, TensorProto tensor, WeightRecipe recipe) =>
        SetRecipe(name, source.Name, tensor, recipe);

    /// <summary>
    /// Adds a single number as an initializer. It is held by a recipe, so that the float64 witness reads it unrounded.
    /// </summary>
    /// <returns>Its name.</returns>
    public string AddNumber(string name, ElementType type, double value, GrowthSettings settings, string rule)
    {
        string unique = Unique(name);
        var one = new byte[ElementTypes.Bits(type) / 8];
        ElementTypes.FromDoubles(type, [1], one);
        var tensor = new TensorProto { Name = unique, DataType = (int)type };
        _graph.Initializer.Add(tensor);
        _initializers[unique] = tensor;
        SetRecipe(unique, unique, tensor, new WeightRecipe
        {
            Name = unique,
            Source = new MemoryTensorData(type, one),
            SourceDims = [],
            Axes = [],
            Factor = value,
            Seed = settings.Seed,
            Rules = [rule],
        });
        return unique;
    }

    private AxisExpansion Identity(int extent)
    {
        if (!_identities.TryGetValue(extent, out AxisExpansion? identity))
        {
            _identities.Add(extent, identity = AxisExpansion.Identity(extent));
        }

        return identity;
    }

    /// <summary>A recipe that changes nothing yet.</summary>
    public WeightRecipe Plain(Value source, string name, GrowthSettings settings)
    {
        LongAxes.Check(source.Tensor!, source.Name);
        return new WeightRecipe
        {
            Name = name,
            Source = Source.Model.DataOf(source.Tensor!),
            SourceDims = [.. source.Tensor!.Dims],
            Axes = [.. source.Tensor.Dims.Select(d => new RecipeAxis(AxisRole.Keep, Identity(checked((int)d))))],
            Split = settings.Method.Split,
            Free = settings.Method.Free,
            NoiseDb = settings.NoiseDb,
            Seed = settings.Seed,
            Rules = [],
        };
    }

    /// <summary>Gives values other names, all at once, when the graph is committed.</summary>
    public void Rename(IReadOnlyDictionary<string, string> names) => _renames = names;

    /// <summary>Puts the nodes in their new order, and takes constants out that no node uses any more.</summary>
    public void Commit()
    {
        if (_isDraft)
        {
            throw new InvalidOperationException("a draft is not committed");
        }

        var order = new List<NodeProto>(_nodes.Length + _before.Count + _after.Count);
        foreach (NodeProto? node in _nodes)
        {
            Append(node!, order);
        }

        HashSet<string> used = Used(order);
        order.RemoveAll(n => n.OpType == "Constant" && n.Output.Count == 1 && !used.Contains(n.Output[0]) && WasUsed(n.Output[0]) && Forget(n.Output[0]));
        _graph.Node.Clear();
        _graph.Node.AddRange(order);
        if (_renames.Count > 0)
        {
            RenameValues();
        }

        // Without its default value, an initializer that is an input too would have to be fed.
        var inputs = _graph.Input.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new List<TensorProto>(_graph.Initializer.Count);
        foreach (TensorProto tensor in _graph.Initializer)
        {
            if (used.Contains(tensor.Name) || !WasUsed(tensor.Name) || inputs.Contains(tensor.Name))
            {
                kept.Add(tensor);
            }
            else
            {
                Weights.Remove(tensor.Name);
            }
        }

        _graph.Initializer.Clear();
        _graph.Initializer.AddRange(kept);
    }

    private void RenameValues()
    {
        string New(string name) => _renames.GetValueOrDefault(name, name);
        foreach (NodeProto node in _graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = New(node.Input[i]);
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = New(node.Output[i]);
            }

            if (CapturedNames.Of(node).Any(_renames.ContainsKey))
            {
                throw new CannotGrowException(ErrorCode.Weight, $"a subgraph of node '{Text.Name(node.Name)}' uses a state (cache) of the layers, so they cannot be numbered anew");
            }
        }

        foreach (ValueInfoProto info in _graph.Input.Concat(_graph.Output).Concat(_graph.ValueInfo))
        {
            info.Name = New(info.Name);
        }
    }

    /// <summary>The same, by the name of the source value, for one that has come about by growth.</summary>
    public void SetRecipe(string name, string source, TensorProto tensor, WeightRecipe recipe)
    {
        tensor.Dims.Clear();
        tensor.Dims.AddRange(recipe.TargetDims);
        if (!_isDraft)
        {
            Target.SetData(tensor, GrownData.Of(recipe));
        }

        Weights[name] = new GrownWeight(name, source, tensor, recipe);
    }

    private bool Forget(string name)
    {
        Weights.Remove(name);
        return true;
    }

    private void Append(NodeProto node, List<NodeProto> order)
    {
        foreach (NodeProto before in _before.GetValueOrDefault(node, []))
        {
            Append(before, order);
        }

        order.Add(node);
        foreach (NodeProto after in _after.GetValueOrDefault(node, []))
        {
            Append(after, order);
        }
    }

    private HashSet<string> Used(List<NodeProto> order)
    {
        var used = new HashSet<string>(_graph.Output.Select(o => o.Name), StringComparer.Ordinal);
        foreach (NodeProto node in order)
        {
            used.UnionWith(node.Input);
            used.UnionWith(CapturedNames.Of(node));
        }

        return used;
    }

    // What nothing used in the source either is the file's own business.
    private bool WasUsed(string name) => Source.Find(name) is not { } value || value.Consumers.Count > 0;

    private static List<NodeProto> ListOf(Dictionary<NodeProto, List<NodeProto>> lists, NodeProto key)
    {
        if (!lists.TryGetValue(key, out List<NodeProto>? list))
        {
            lists.Add(key, list = []);
        }

        return list;
    }
}

/// <summary>What a method and a plan set for every recipe.</summary>
internal sealed record GrowthSettings(Methods.GrowthMethod Method, ulong Seed, double? NoiseDb = null);
