using System.Collections.Immutable;
using System.Reflection;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Methods;

/// <summary>Which source entries the new ones copy, where they are copies.</summary>
public enum IndexMaps
{
    /// <summary>All of them in turn, from the first on (LEMON's circular expansion).</summary>
    Circular,

    /// <summary>Entries drawn at random wherever that is lossless; what norms read stays as they ask for it (rule 0.2).</summary>
    RandomWhereLossless,

    /// <summary>Entries drawn at random everywhere: lossy wherever a norm weighs them.</summary>
    Random,
}

/// <summary>
/// A growth method: a choice among the lossless solutions (or beyond them). A method is one file; it is found by its
/// base class.
/// </summary>
public abstract class GrowthMethod
{
    private static readonly Lazy<IReadOnlyDictionary<string, GrowthMethod>> Known = new(Collect);

    /// <summary>The name that options and plans use.</summary>
    public abstract string Name { get; }

    /// <summary>One line for help texts.</summary>
    public abstract string Summary { get; }

    /// <summary>Whether the grown model computes the same function.</summary>
    public virtual bool IsLossless => true;

    /// <summary>How copies share an entry.</summary>
    public virtual SplitStyle Split => SplitStyle.Random;

    /// <summary>What free entries hold.</summary>
    public virtual FreeFill Free => FreeFill.Random;

    /// <summary>Whether the source's weights are thrown away for a fresh initialisation.</summary>
    public virtual bool IsFresh => false;

    /// <summary>Which source entries the copies hold.</summary>
    public virtual IndexMaps Maps => IndexMaps.Circular;

    /// <summary>Whether new entries come from the layer behind (rule L.1).</summary>
    public virtual bool TakesNextLayer => false;

    /// <summary>Whether new layers are copies as they are, which change the function (rule L.2), and not made to add nothing.</summary>
    public virtual bool KeepsCopiedLayers => false;

    /// <summary>Whether noise that cancels may be asked for (rule 10.2).</summary>
    public virtual bool TakesNoise => false;

    /// <summary>Whether an initialisation of the grown model may be given (rule 5.2).</summary>
    public virtual bool TakesInit => false;

    /// <summary>Name of the method whose grown weights stand for that initialisation; null for none (rule 5.2).</summary>
    public virtual string? Nearest => null;

    /// <summary>All methods, by name.</summary>
    public static IReadOnlyDictionary<string, GrowthMethod> All => Known.Value;

    /// <summary>The method of this name.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static GrowthMethod Find(string name) => All.TryGetValue(name, out GrowthMethod? method) ? method
        : throw new BadInputException(ErrorCode.Option, $"--method {Text.Name(name)}: no such method; there are {Text.List(All.Keys)}");

    /// <summary>Where new layers go, for a method that says so itself; null for one that leaves it to the request.</summary>
    /// <param name="layers">The source's layers.</param>
    /// <param name="extra">The new ones.</param>
    /// <exception cref="CannotGrowException">The method has no place for so many.</exception>
    public virtual ImmutableArray<LayerInsertion>? Place(int layers, int extra) => null;

    /// <summary>Checks that a plan asks for nothing that the method does not do.</summary>
    /// <exception cref="CannotGrowException">It does; the message gives the nearest that can be.</exception>
    public virtual void Check(ModelMap map, GrowthPlan plan)
    {
    }

    private static SortedDictionary<string, GrowthMethod> Collect()
    {
        var methods = new SortedDictionary<string, GrowthMethod>(StringComparer.Ordinal);
        foreach (Type type in Assembly.GetExecutingAssembly().GetTypes())
        {
            if (!type.IsAbstract && type.IsSubclassOf(typeof(GrowthMethod)))
            {
                var method = (GrowthMethod)Activator.CreateInstance(type)!;
                methods.Add(method.Name, method);
            }
        }

        return methods;
    }
}
