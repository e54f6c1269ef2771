using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Widening;

/// <summary>Grows the dimensions of a plan: weights, norms, and the constants that carry sizes.</summary>
internal sealed class Widener
{
    private readonly ModelMap _map;
    private readonly TargetSizes _targets;
    private readonly GraphEditor _editor;
    private readonly GrowthSettings _settings;
    private readonly NormEditor _norms;
    private readonly ExpansionSolver _solver;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<string> _continued = new(StringComparer.Ordinal);

    public Widener(ModelMap map, TargetSizes targets, GraphEditor editor, NormEditor norms, GrowthSettings settings, CancellationToken cancellation = default)
    {
        _cancellation = cancellation;
        _map = map;
        _targets = targets;
        _editor = editor;
        _norms = norms;
        _settings = settings;
        _solver = ExpansionSolver.Solve(map.Carriers, targets, settings);
    }

    public void Run()
    {
        if (!_targets.Any)
        {
            return;
        }

        foreach (MultipleOf multiple in _map.Flow.Multiples)
        {
            if (_targets.Grows(multiple.Axis) && _targets.Of(multiple.Axis) is { } size && size % multiple.Factor != 0)
            {
                throw new CannotGrowException(ErrorCode.Weight, FormattableString.Invariant(
                    $"{multiple.Node.Display} takes heads whose size is a multiple of {multiple.Factor}, and they would be of {size}; nearest: {(size / multiple.Factor * multiple.Factor) + multiple.Factor}"));
            }
        }

        ContinueBuffers();
        GrowWeights();
        foreach (NormInstance norm in _map.Norms)
        {
            _cancellation.ThrowIfCancellationRequested();
            GrowNorm(norm);
        }

        foreach ((Node node, double scale) in _solver.InputScales)
        {
            ScaleInput(node, scale);
        }

        foreach (DefaultScale scale in _map.Flow.DefaultScales.Where(s => _targets.Of(s.Size) != s.Size.Extent))
        {
            KeepScale(scale);
        }

        new SizePatcher(_map, _targets, _editor).Run();
    }

    /// <summary>Attention over a larger head would scale its scores by another number: it is told the source's (rule 3.3).</summary>
    private void KeepScale(DefaultScale scale)
    {
        NodeProto node = _editor.Of(scale.Node);
        AttributeProto? attribute = node.Attribute.FirstOrDefault(a => a.Name == "scale");
        if (attribute is { F: not 0 })
        {
            return;
        }

        if (attribute is null)
        {
            node.Attribute.Add(attribute = new AttributeProto { Name = "scale", Type = AttributeProto.Types.AttributeType.Float });
        }

        attribute.F = (float)scale.Scale;
        _editor.ExactAttributes[attribute] = scale.Scale;
    }

    /// <summary>The factor on a norm's epsilon: s c^2 of the carrier that it reads.</summary>
    public double EpsilonFactor(NormInstance norm) => _solver.ShareOf(norm) * _solver.PowerOf(norm);

    /// <summary>The inputs and outputs whose axes grow.</summary>
    public List<InterfaceChange> Interface()
    {
        var shapes = new WeightShapes(_map.Carriers, _solver, _targets);
        var changes = new List<InterfaceChange>();
        foreach (Value value in _map.Graph.Inputs.Concat(_map.Graph.Outputs).Where(v => v.Axes is { } axes && axes.Any(_targets.Grows)))
        {
            changes.Add(new InterfaceChange
            {
                SourceName = value.Name,
                GrownName = value.Name,
                IsInput = value.IsGraphInput,
                Axes = shapes.ExpansionsOf(value),
                IsAppended = value.Axes!.SelectMany(a => a.Atoms()).Any(a => _targets.DimensionOf(a.Size) is { Growth: DimensionGrowth.Append }),
            });
        }

        return changes;
    }

    /// <summary>Masks, numbers and angles of more positions, which no recipe makes of the old ones.</summary>
    private void ContinueBuffers()
    {
        if (!_targets.MorePositions)
        {
            return;
        }

        foreach (Value value in _map.Graph.Values.Where(v => v.Tensor is not null && v.Axes is not null && v.Axes.Any(IsMorePositions)).ToArray())
        {
            long[] target = [.. value.Axes!.Select(a => _targets.Of(a) ?? 1)];
            bool onlyPositions = value.Axes!.All(a => IsMorePositions(a) || !_targets.Grows(a));
            TensorData? data = onlyPositions ? PositionBuffer.Continue(value.Tensor!, _map.Graph.Model.DataOf(value.Tensor!), target) : null;
            if (data is not null)
            {
                TensorProto tensor = _editor.TensorOf(value);
                tensor.Dims.Clear();
                tensor.Dims.AddRange(target);
                _editor.Target.SetData(tensor, data);
                _continued.Add(value.InitializerName);
            }
            else if (!ElementTypes.IsGrowable((ElementType)value.Tensor!.DataType) || !IsLearned(value))
            {
                throw new CannotGrowException(
                    ErrorCode.Weight, $"'{Text.Name(value.Name)}' holds something for each position (rule 3.13), and no rule is seen by which it would go on (a triangle, a count, one value, angles); export the model with more positions");
            }
        }
    }

    /// <summary>A table of states, added to a stream: its new rows are learned like any others.</summary>
    private bool IsLearned(Value value) =>
        value.Axes!.SelectMany(a => a.Atoms()).Any(a => _map.Find(a.Size) is { Role: DimensionRole.Hidden });

    private bool IsMorePositions(Axis axis) =>
        axis.Atoms().ToArray() is [var atom] && _targets.DimensionOf(atom.Size) is { Role: DimensionRole.Positions };

    private void GrowWeights()
    {
        var shapes = new WeightShapes(_map.Carriers, _solver, _targets);
        foreach (IGrouping<string, Value> shared in _map.Graph.Values.Where(v => v.Tensor is not null).GroupBy(v => v.InitializerName).ToArray())
        {
            _cancellation.ThrowIfCancellationRequested();
            Value[] members = [.. shared];
            WeightRecipe?[] recipes = [.. members.Select(m => RecipeOf(m, shapes))];
            bool allGrow = recipes.All(r => r is not null);
            for (int i = 0; i < members.Length; i++)
            {
                if (recipes[i] is not { } recipe)
                {
                    continue;
                }

                if (i == 0 && allGrow)
                {
                    _editor.SetRecipe(members[i].Name, members[i], _editor.TensorOf(members[i]), recipe);
                    continue;
                }

                TensorProto tensor = _editor.AddConstant(members[i], members[i].InitializerName + "_grown", members[i].Tensor!.Clone(), null!);
                _editor.SetRecipe(tensor.Name, members[i], tensor, recipe with { Name = tensor.Name });
                foreach (Value.Use use in members[i].Consumers)
                {
                    _editor.Of(use.Node).Input[use.Input] = tensor.Name;
                }
            }
        }
    }

    private WeightRecipe? RecipeOf(Value weight, WeightShapes shapes)
    {
        if (_continued.Contains(weight.InitializerName))
        {
            return null;
        }

        if (shapes.Of(weight) is not { } shape)
        {
            return null;
        }

        var type = (ElementType)weight.Tensor!.DataType;
        if (!ElementTypes.IsGrowable(type))
        {
            throw new CannotGrowException(
                ErrorCode.Weight, $"'{Text.Name(weight.Name)}' has an axis that grows, but its elements are {type}; only float16, bfloat16, float32 and float64 weights can be grown");
        }

        return _editor.Plain(weight, weight.Name, _settings) with
        {
            Axes = [.. shape.Axes],
            Factor = shape.Factor,
            Rules = [.. shape.Rules],
            Free = shape.Free ?? _settings.Method.Free,
            Offset = shape.Offset,
        };
    }

    private void GrowNorm(NormInstance norm)
    {
        double factor = EpsilonFactor(norm);
        if (factor != 1 && norm.Epsilon is { } slot && slot.Value != 0)
        {
            _norms.Scale(norm, _editor.Of(slot.Node), factor, "2.1");
        }
    }

    /// <summary>A tied weight reads its input with every copy: a node of its own divides it first (rule 3.11).</summary>
    private void ScaleInput(Node node, double scale)
    {
        Value input = node.Input(0)!.IsStatic ? node.Input(1)! : node.Input(0)!;
        Value weight = node.Input(0)!.IsStatic ? node.Input(0)! : node.Input(1)!;
        while (weight.Tensor is null)
        {
            weight = weight.Producer!.Input(0)!;
        }

        NodeProto proto = _editor.Of(node);
        string constant = _editor.AddNumber(input.Name + "_tied_scale", (ElementType)weight.Tensor.DataType, scale, _settings, "3.11");
        string scaled = _editor.Unique(input.Name + "_tied");
        var mul = new NodeProto { OpType = "Mul", Name = _editor.Unique(node.Name + "_tied_scale") };
        mul.Input.AddRange([input.Name, constant]);
        mul.Output.Add(scaled);
        _editor.InsertBefore(proto, mul);
        proto.Input[node.Input(0)!.IsStatic ? 1 : 0] = scaled;
    }
}
