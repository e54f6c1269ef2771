using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Plans;

/// <summary>The places of new layers, in every stack of layers that the model has.</summary>
internal static class DepthPlanner
{
    public static ImmutableArray<LayerInsertion> Plan(ModelMap map, GrowthRequest request)
    {
        if (request.Layers is null && request.LayersByStack.IsEmpty && request.At.IsEmpty)
        {
            return [];
        }

        if (map.Layers.Count == 0)
        {
            throw new CannotGrowException(ErrorCode.Layers, "--layers: no repeated layers were found in this model, so none can be added; see 'inspect'");
        }

        if (request.Layers is null && request.LayersByStack.IsEmpty)
        {
            return OwnPlaces(request, map.Layers.Count, request.At.Length);
        }

        Layer[][] stacks = [.. map.Layers.GroupBy(l => l.Stack).Select(g => g.ToArray())];
        int[] wanted = request.LayersByStack.IsEmpty ? [request.Layers!.Value] : [.. request.LayersByStack];
        if (wanted.Length != stacks.Length)
        {
            string has = Text.Some(stacks.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"{s.Length} in stack {i}")));
            string stack = stacks.Length == 1 ? $"one stack of {stacks[0].Length} layers; give one number" : $"{stacks.Length} stacks of layers ({has}); give a number for each";
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"--layers {Text.Cut(string.Join(',', wanted))}: this model has {stack}, such as --layers {Text.Cut(string.Join(',', stacks.Select(s => 2 * s.Length)))}"));
        }

        if (!request.At.IsEmpty)
        {
            long all = wanted.Sum(w => (long)w);
            CheckCount(all, map.Layers.Count, all - map.Layers.Count, map.Model.Limits);
            return OwnPlaces(request, map.Layers.Count, (int)(all - map.Layers.Count));
        }

        return [.. stacks.SelectMany((s, i) => InStack(s, wanted[i], request, map.Model.Limits))];
    }

    /// <summary>On top of the last layer, copies of the layers from the first on.</summary>
    internal static ImmutableArray<LayerInsertion> Stack(int count, int extra) =>
        [.. Enumerable.Range(0, extra).Select(i => new LayerInsertion(count - 1, i % count))];

    /// <summary>
    /// The later layers get their copies first, each copy right behind its layer; beyond twice the depth every layer gets
    /// its share (growth-math, section 4, "where inserted").
    /// </summary>
    internal static ImmutableArray<LayerInsertion> Interpolate(int count, int extra)
    {
        var result = ImmutableArray.CreateBuilder<LayerInsertion>(extra);
        int each = extra / count;
        int more = extra % count;
        for (int layer = 0; layer < count; layer++)
        {
            int copies = each + (layer >= count - more ? 1 : 0);
            for (int i = 0; i < copies; i++)
            {
                result.Add(new LayerInsertion(layer, layer));
            }
        }

        return result.ToImmutable();
    }

    private static IEnumerable<LayerInsertion> InStack(Layer[] stack, int wanted, GrowthRequest request, ReadLimits limits)
    {
        int count = stack.Length;
        CheckCount(wanted, count, (long)wanted - count, limits);
        int extra = wanted - count;
        ImmutableArray<LayerInsertion> places = GrowthMethod.Find(request.Method).Place(count, extra)
            ?? (request.Depth == DepthStyle.Stack ? Stack(count, extra) : Interpolate(count, extra));
        return places.Select(p => new LayerInsertion(stack[p.After].Index, stack[p.CopyOf].Index));
    }

    private static void CheckCount(long wanted, int count, long extra, ReadLimits limits)
    {
        if (extra < 0)
        {
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"--layers {wanted}: fewer than the source's {count}; a model can only grow: give {count} or more"));
        }

        CheckNew(extra, limits);
    }

    /// <summary>Checks how many layers are to be added, before anything is made for them.</summary>
    /// <exception cref="CannotGrowException">They are more than any model has.</exception>
    internal static void CheckNew(long extra, ReadLimits limits)
    {
        if (extra > limits.MaxNewLayers)
        {
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"{extra} new layers: a growth adds at most {limits.MaxNewLayers}; for more, raise the limit (--limit new-layers=N) or grow the grown model again"));
        }
    }

    private static ImmutableArray<LayerInsertion> OwnPlaces(GrowthRequest request, int count, int extra) =>
        GrowthMethod.Find(request.Method).Place(count, extra) is null
            ? At(request, count, extra)
            : throw new BadInputException(ErrorCode.Plan, $"--at: the method '{request.Method}' has places of its own for new layers; give --layers alone");

    private static ImmutableArray<LayerInsertion> At(GrowthRequest request, int count, int extra)
    {
        foreach (int at in request.At)
        {
            if (at < 0 || at >= count)
            {
                throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                    $"--at {at}: there is no such layer; the source's layers are 0 to {count - 1}, and a new layer goes after the one named"));
            }
        }

        if (extra != request.At.Length)
        {
            throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                $"--at names {request.At.Length} places, but --layers {request.Layers} asks for {extra} new layers (the source has {count}); give as many places, or leave --layers out"));
        }

        return [.. request.At.Order().Select(a => new LayerInsertion(a, a))];
    }
}
