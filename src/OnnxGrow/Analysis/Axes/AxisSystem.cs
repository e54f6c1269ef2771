using System.Collections.Immutable;

namespace OnnxGrow.Analysis.Axes;

/// <summary>
/// The equations between axes. <see cref="Unify"/> says that two axes are carried alike, <see cref="SameSize"/> only that
/// they have the same structure and extents. Either may refine an atom into a product or a concatenation, as when a
/// Reshape shows that 768 is 12 heads of 64.
/// </summary>
public sealed class AxisSystem
{
    private readonly List<(Axis A, Axis B)> _sameSize = [];
    private int _bindings;

    /// <summary>A new atom.</summary>
    public static Atom NewAtom(long? extent, string? symbol = null) => new(new SizeClass(extent, symbol));

    /// <summary>A new axis of one atom; <see cref="Axis.One"/> for extent 1.</summary>
    public static Axis NewAxis(long? extent, string? symbol = null) =>
        extent == 1 ? Axis.One : new Axis(NewAtom(extent, symbol));

    /// <summary>Both axes are carried by the same expansion.</summary>
    /// <returns>False where their structures cannot be brought together; nothing may then be grown on them.</returns>
    public bool Unify(Axis a, Axis b) => ReferenceEquals(a, b) || Align(a, b, carrier: true);

    /// <summary>The axes have the same structure and extents, now and after growth, but may be carried differently.</summary>
    /// <returns>False where their structures cannot be brought together.</returns>
    public bool SameSize(Axis a, Axis b)
    {
        _sameSize.Add((a, b));
        return Align(a, b, carrier: false);
    }

    /// <summary>A new axis of the same structure and extents as <paramref name="axis"/>, carried in its own way.</summary>
    public Axis Mirror(Axis axis)
    {
        var copy = new Axis([.. axis.Resolve().Select(MirrorFactor)]);
        _sameSize.Add((axis, copy));
        return copy;
    }

    /// <summary>Carries refinements over to axes of the same size until nothing changes.</summary>
    public void Settle()
    {
        int before;
        do
        {
            before = _bindings;
            foreach ((Axis a, Axis b) in _sameSize)
            {
                Align(a, b, carrier: false);
            }

            // What the last of a chain of axes has shown goes back to the first in one pass.
            for (int i = _sameSize.Count - 1; i >= 0 && _bindings != before; i--)
            {
                Align(_sameSize[i].A, _sameSize[i].B, carrier: false);
            }
        }
        while (_bindings != before);
    }

    /// <summary>
    /// Cuts the first (or last) factors whose product is <paramref name="extent"/> off a list, splitting a factor where it
    /// must be.
    /// </summary>
    /// <returns>The factors cut off, or null where the list does not divide so.</returns>
    public List<Factor>? Take(List<Factor> factors, long extent, bool fromEnd)
    {
        var taken = new List<Factor>();
        long rest = extent;
        while (rest > 1)
        {
            if (factors.Count == 0)
            {
                return null;
            }

            int at = fromEnd ? factors.Count - 1 : 0;
            // An axis without entries divides nothing.
            if (factors[at].Extent is not { } size || size <= 0)
            {
                return null;
            }

            if (rest % size == 0)
            {
                taken.Insert(fromEnd ? 0 : taken.Count, factors[at]);
                factors.RemoveAt(at);
                rest /= size;
                continue;
            }

            if (size % rest != 0 || !Split(factors, at, fromEnd ? size / rest : rest))
            {
                return null;
            }
        }

        return taken;
    }

    private bool Align(Axis a, Axis b, bool carrier)
    {
        List<Factor> left = a.Resolve();
        List<Factor> right = b.Resolve();
        int at = 0;
        while (at < left.Count && at < right.Count)
        {
            Factor x = left[at];
            Factor y = right[at];
            bool last = at == left.Count - 1 && at == right.Count - 1;
            if (ReferenceEquals(x, y))
            {
                at++;
                continue;
            }

            if (x.Extent == y.Extent || (last && (x.Extent is null || y.Extent is null)))
            {
                if (!AlignFactor(x, y, carrier))
                {
                    return false;
                }

                at++;
                continue;
            }

            if (x.Extent is not { } ex || y.Extent is not { } ey || ex <= 0 || ey <= 0)
            {
                return false;
            }

            bool split = ey > ex ? ey % ex == 0 && Split(right, at, ex) : ex % ey == 0 && Split(left, at, ey);
            if (!split)
            {
                return false;
            }
        }

        return left.Count == right.Count;
    }

    private bool AlignFactor(Factor x, Factor y, bool carrier)
    {
        switch (x, y)
        {
            case (Atom p, Atom q):
                if (p.Extent is null != q.Extent is null)
                {
                    // A dynamic extent beside a fixed one: they agree at run time, and neither grows because of the other.
                    return true;
                }

                if (carrier)
                {
                    p.UnionInto(q);
                }
                else
                {
                    p.SizeNode.Union(q.SizeNode);
                }

                return true;
            case (Atom p, Concatenation q):
                return BindTo(p, q, carrier);
            case (Concatenation p, Atom q):
                return BindTo(q, p, carrier);
            default:
                return AlignParts((Concatenation)x, (Concatenation)y, carrier);
        }
    }

    private bool AlignParts(Concatenation x, Concatenation y, bool carrier)
    {
        var left = new List<Axis>(x.Parts);
        var right = new List<Axis>(y.Parts);
        for (int i = 0; i < left.Count && i < right.Count; i++)
        {
            if (left[i].Extent is not { } a || right[i].Extent is not { } b)
            {
                return false;
            }

            if (a != b && !(a > b ? Cut(left, i, b) : Cut(right, i, a)))
            {
                return false;
            }

            if (!Align(left[i], right[i], carrier))
            {
                return false;
            }
        }

        return left.Count == right.Count;
    }

    /// <summary>Cuts part <paramref name="at"/> of a concatenation after <paramref name="extent"/> indices.</summary>
    private bool Cut(List<Axis> parts, int at, long extent)
    {
        List<Factor> factors = parts[at].Resolve();
        if (factors is not [Atom atom] || atom.Extent is not { } size || extent <= 0 || extent >= size)
        {
            return false;
        }

        var first = new Axis(NewAtom(extent));
        var second = new Axis(NewAtom(size - extent));
        Bind(atom, new Axis(new Concatenation([first, second])));
        parts[at] = first;
        parts.Insert(at + 1, second);
        return true;
    }

    private bool BindTo(Atom atom, Concatenation concatenation, bool carrier)
    {
        // Beside an empty part another is as long as the whole, and could be refined by it without end.
        if (concatenation.Parts.Any(p => p.Extent is <= 0) || concatenation.Parts.SelectMany(p => p.Atoms()).Contains(atom.Find()))
        {
            return false;
        }

        Bind(atom, new Axis(carrier ? concatenation : MirrorFactor(concatenation)));
        return true;
    }

    /// <summary>Splits factor <paramref name="at"/> into a product whose outer extent is <paramref name="outer"/>.</summary>
    private bool Split(List<Factor> factors, int at, long outer)
    {
        if (factors[at].Extent is not { } extent)
        {
            return false;
        }

        if (factors[at] is Atom atom)
        {
            Atom first = NewAtom(outer);
            Atom second = NewAtom(extent / outer);
            Bind(atom, new Axis([first, second]));
            factors[at] = first;
            factors.Insert(at + 1, second);
            return true;
        }

        // (y | y | y) is 3 x y where the parts are carried alike.
        var concatenation = (Concatenation)factors[at];
        if (concatenation.Parts.Length != outer)
        {
            return false;
        }

        Axis part = concatenation.Parts[0];
        foreach (Axis other in concatenation.Parts)
        {
            if (other.Extent != part.Extent || !Unify(part, other))
            {
                return false;
            }
        }

        // No axis has this atom: what it is bound to is forgotten, and teaches the others nothing.
        factors[at] = new Atom(new SizeClass(outer, null)) { IsPassing = true };
        factors.InsertRange(at + 1, part.Resolve());
        return true;
    }

    private void Bind(Atom atom, Axis axis)
    {
        bool lasts = !atom.Find().IsPassing;
        atom.Bind(axis);
        _bindings += lasts ? 1 : 0;
    }

    private Factor MirrorFactor(Factor factor)
    {
        if (factor is Atom atom)
        {
            return new Atom(atom.Size);
        }

        return new Concatenation([.. ((Concatenation)factor).Parts.Select(p => new Axis([.. p.Resolve().Select(MirrorFactor)]))]);
    }
}
