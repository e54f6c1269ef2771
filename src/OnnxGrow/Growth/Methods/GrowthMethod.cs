using System.Reflection;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Methods;

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

    /// <summary>All methods, by name.</summary>
    public static IReadOnlyDictionary<string, GrowthMethod> All => Known.Value;

    /// <summary>The method of this name.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static GrowthMethod Find(string name) => All.TryGetValue(name, out GrowthMethod? method) ? method
        : throw new BadInputException($"--method {Text.Name(name)}: no such method; there are {Text.List(All.Keys)}");

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
