using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Runtime.Tests.Growth;

/// <summary>Counts what random growths came to: what was grown, what was refused and why, and what went wrong.</summary>
internal sealed partial class RandomTally
{
    private readonly SortedDictionary<DimensionRole, int> _roles = [];
    private readonly Dictionary<string, (int Count, string Example)> _refusals = new(StringComparer.Ordinal);

    /// <summary>Growths that hold.</summary>
    public int Grown { get; private set; }

    /// <summary>Growths that were refused.</summary>
    public int Refused => _refusals.Values.Sum(r => r.Count);

    /// <summary>Growths that do not hold.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>How often a dimension of each role has grown.</summary>
    public IReadOnlyDictionary<DimensionRole, int> Roles => _roles;

    /// <summary>How often new layers were put in.</summary>
    public int Deepened { get; private set; }

    public void Hold(ModelMap map, GrowthPlan plan)
    {
        Grown++;
        Deepened += plan.Layers.IsEmpty ? 0 : 1;
        foreach (DimensionRole role in plan.Dimensions.Keys.Select(k => map.Find(k)!.Role).Distinct())
        {
            _roles[role] = _roles.GetValueOrDefault(role) + 1;
        }
    }

    public void Refuse(string why, string what)
    {
        string reason = Varying().Replace(why, "*");
        _refusals[reason] = (_refusals.GetValueOrDefault(reason).Count + 1, what + ": " + why);
    }

    /// <summary>All of it, the commonest refusals first.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Grown} grown ({Deepened} deeper), {Refused} refused, {Failures.Count} wrong");
        text.AppendLine(string.Join(", ", _roles.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value}"))));
        foreach ((string reason, (int count, string example)) in _refusals.OrderByDescending(r => r.Value.Count))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {count} x {reason}").AppendLine(CultureInfo.InvariantCulture, $"      {example}");
        }

        return text.ToString();
    }

    /// <summary>Numbers, and names with numbers in them.</summary>
    [GeneratedRegex(@"'[^']*'|\w*[0-9][\w.#]*")]
    private static partial Regex Varying();
}
