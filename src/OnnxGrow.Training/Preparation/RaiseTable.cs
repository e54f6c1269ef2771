using System.Collections.Frozen;
using System.Reflection;

namespace OnnxGrow.Training.Preparation;

/// <summary>The changes to operators that this assembly knows, by operator.</summary>
internal static class RaiseTable
{
    private static readonly FrozenDictionary<string, (long Opset, IRaise Raise)[]> Table = Find();

    /// <summary>What changed an operator after a set, the oldest change first.</summary>
    public static IEnumerable<(long Opset, IRaise Raise)> Of(string opType, long after) =>
        Table.TryGetValue(opType, out (long Opset, IRaise Raise)[]? changes) ? changes.Where(c => c.Opset > after) : [];

    private static FrozenDictionary<string, (long, IRaise)[]> Find() =>
        typeof(RaiseTable).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RaisesAttribute>().Select(names => (Type: type, Names: names)))
            .GroupBy(found => found.Names.OpType, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.OrderBy(f => f.Names.Opset).Select(f => (f.Names.Opset, (IRaise)Activator.CreateInstance(f.Type)!)).ToArray(),
                StringComparer.Ordinal);
}
