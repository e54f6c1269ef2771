using System.Globalization;

namespace OnnxGrow.Reports.Html;

/// <summary>Numbers as a page shows them, the same in every locale.</summary>
internal static class Show
{
    /// <summary>What a cell holds that nothing is known for.</summary>
    public const string Unknown = "\u2013";

    private static readonly (double Unit, string Prefix)[] Prefixes =
        [(1e21, "Z"), (1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

    /// <summary>A whole number.</summary>
    public static string Number(long? value) => value is { } v ? Text.Number(v) : Unknown;

    /// <summary>A number with up to five digits that count.</summary>
    public static string Figure(double? value)
    {
        if (value is not { } v)
        {
            return Unknown;
        }

        double size = Math.Abs(v);
        return v == 0 ? "0"
            : !double.IsFinite(v) ? v.ToString(CultureInfo.InvariantCulture)
            : size is >= 1e-3 and < 1e7 ? v.ToString(size >= 1e4 ? "#,0" : size >= 1 ? "0.####" : "0.#####", CultureInfo.InvariantCulture)
            : v.ToString("0.###e+0", CultureInfo.InvariantCulture);
    }

    /// <summary>A part of the whole, in per cent.</summary>
    public static string Share(double? value) => value is { } v ? string.Create(CultureInfo.InvariantCulture, $"{100 * v:0.##} %") : Unknown;

    /// <summary>Floating-point operations, with the unit that suits.</summary>
    public static string Flops(double? value)
    {
        if (value is not { } v)
        {
            return Unknown;
        }

        (double unit, string prefix) = Prefixes.FirstOrDefault(p => v >= p.Unit, (1, ""));
        return string.Create(CultureInfo.InvariantCulture, $"{v / unit:0.###} {prefix}FLOP");
    }

    /// <summary>A time span.</summary>
    public static string Seconds(double? value) => value switch
    {
        null => Unknown,
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{value:0.#} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value.Value / 60):0} min {Math.Floor(value.Value % 60):00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value.Value / 3600):#,0} h {Math.Floor(value.Value % 3600 / 60):00} min"),
    };

    /// <summary>A moment.</summary>
    public static string Moment(DateTimeOffset? value) => value?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>Extents.</summary>
    public static string Dims(IEnumerable<long> dims) => "[" + string.Join(", ", dims.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";
}
