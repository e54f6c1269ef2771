using System.Collections.Immutable;
using System.Globalization;

namespace OnnxGrow.Analysis.Axes;

/// <summary>
/// One axis of a tensor: the row-major product of its factors. A factor is an <see cref="Atom"/> or a concatenation of
/// axes; an axis without factors has extent 1. "heads x head_dim" and "q | k | v" are axes of this kind.
/// </summary>
public sealed class Axis
{
    /// <summary>The axis of extent 1.</summary>
    public static readonly Axis One = new([]);

    /// <summary>Makes a product.</summary>
    public Axis(ImmutableArray<Factor> factors) => Factors = factors;

    /// <summary>Makes an axis of one factor.</summary>
    public Axis(Factor factor)
        : this([factor])
    {
    }

    /// <summary>The factors as they were when the axis was made; see <see cref="Resolve"/> for what is known now.</summary>
    public ImmutableArray<Factor> Factors { get; }

    /// <summary>The extent, where it is known and 64 bits can count it.</summary>
    public long? Extent
    {
        get
        {
            Int128 product = 1;
            foreach (Factor factor in Factors)
            {
                if (factor.Extent is not { } extent)
                {
                    return null;
                }

                product *= extent;
                if (product > long.MaxValue || product < long.MinValue)
                {
                    return null;
                }
            }

            return (long)product;
        }
    }

    /// <summary>The factors as they are known by now: bound atoms are replaced, extents of 1 are left out.</summary>
    public List<Factor> Resolve()
    {
        var factors = new List<Factor>(Factors.Length);
        Collect(this, factors);
        return factors;
    }

    /// <summary>All atoms of the axis, those inside concatenations included, each as its class's representative.</summary>
    public IEnumerable<Atom> Atoms()
    {
        foreach (Factor factor in Resolve())
        {
            if (factor is Atom atom)
            {
                yield return atom;
            }
            else
            {
                foreach (Atom inner in ((Concatenation)factor).Parts.SelectMany(p => p.Atoms()))
                {
                    yield return inner;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        List<Factor> factors = Resolve();
        return factors.Count == 0 ? "1" : Text.Cut(string.Join(" x ", factors));
    }

    private static void Collect(Axis axis, List<Factor> factors)
    {
        foreach (Factor factor in axis.Factors)
        {
            switch (factor)
            {
                case Atom atom:
                    Atom root = atom.Find();
                    if (root.Binding is { } binding)
                    {
                        Collect(binding, factors);
                    }
                    else if (root.Extent != 1)
                    {
                        factors.Add(root);
                    }

                    break;
                case Concatenation { Parts.Length: 1 } single:
                    Collect(single.Parts[0], factors);
                    break;
                default:
                    factors.Add(factor);
                    break;
            }
        }
    }
}

/// <summary>A factor of an axis.</summary>
public abstract class Factor
{
    /// <summary>Atoms in it, counted as often as they occur when it is made.</summary>
    internal virtual int Weight => 1;

    /// <summary>The extent, where it is known.</summary>
    public abstract long? Extent { get; }
}

/// <summary>Axes one after the other: "q | k | v".</summary>
public sealed class Concatenation(ImmutableArray<Axis> parts) : Factor
{
    /// <summary>The parts, in order.</summary>
    public ImmutableArray<Axis> Parts { get; } = parts;

    internal override int Weight { get; } = (int)Math.Min(int.MaxValue, parts.Sum(p => p.Resolve().Sum(f => (long)f.Weight)));

    /// <inheritdoc/>
    public override long? Extent
    {
        get
        {
            Int128 sum = 0;
            foreach (Axis part in Parts)
            {
                if (part.Extent is not { } extent)
                {
                    return null;
                }

                sum += extent;
            }

            return sum <= long.MaxValue && sum >= long.MinValue ? (long)sum : null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => "(" + Text.Cut(string.Join(" | ", Parts.Select(p => p.ToString()))) + ")";
}

/// <summary>
/// An indivisible factor. Atoms that are unified carry their axis in the same way (the same expansion P); atoms that share
/// a <see cref="Size"/> only grow to the same extent.
/// </summary>
public sealed class Atom : Factor
{
    private Atom? _parent;

    internal Atom(SizeClass size) => SizeNode = size;

    /// <summary>The class of atoms that must have this extent.</summary>
    public SizeClass Size => Find().SizeNode.Find();

    /// <inheritdoc/>
    public override long? Extent => Size.Extent;

    internal SizeClass SizeNode { get; private set; }

    internal Axis? Binding { get; private set; }

    /// <summary>Whether no axis has this atom or one that it was unified with: it is gone when two axes have been compared.</summary>
    internal bool IsPassing { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Size.ToString();

    internal Atom Find()
    {
        Atom root = this;
        while (root._parent is { } parent)
        {
            root = parent;
        }

        for (Atom atom = this; atom._parent is { } next; atom = next)
        {
            atom._parent = root;
        }

        return root;
    }

    internal void Bind(Axis axis) => Find().Binding = axis;

    internal void UnionInto(Atom other)
    {
        Atom a = Find();
        Atom b = other.Find();
        if (a != b)
        {
            a.SizeNode.Union(b.SizeNode);
            b.SizeNode = b.SizeNode.Find();
            a._parent = b;
            b.IsPassing &= a.IsPassing;
        }
    }
}

/// <summary>Atoms that have the same extent, whatever they carry.</summary>
public sealed class SizeClass
{
    private SizeClass? _parent;
    private long? _extent;
    private string? _symbol;

    internal SizeClass(long? extent, string? symbol)
    {
        _extent = extent;
        _symbol = symbol;
    }

    /// <summary>The extent, where it is known.</summary>
    public long? Extent => Find()._extent;

    /// <summary>The name that the file gives to a dynamic extent.</summary>
    public string? Symbol => Find()._symbol;

    /// <inheritdoc/>
    public override string ToString() =>
        Extent?.ToString(CultureInfo.InvariantCulture) ?? (Symbol is { } s ? Text.Name(s) : "?");

    internal SizeClass Find()
    {
        SizeClass root = this;
        while (root._parent is { } parent)
        {
            root = parent;
        }

        for (SizeClass node = this; node._parent is { } next; node = next)
        {
            node._parent = root;
        }

        return root;
    }

    internal void Union(SizeClass other)
    {
        SizeClass a = Find();
        SizeClass b = other.Find();
        if (a != b)
        {
            b._extent ??= a._extent;
            b._symbol ??= a._symbol;
            a._parent = b;
        }
    }
}
