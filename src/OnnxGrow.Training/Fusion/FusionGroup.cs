namespace OnnxGrow.Training.Fusion;

/// <summary>Nodes that are computed at once.</summary>
/// <param name="space">The extents that they compute in.</param>
internal sealed class FusionGroup(long[] space)
{
    /// <summary>The extents that the nodes compute in.</summary>
    public long[] Space => space;

    /// <summary>The nodes, in the order in which they are computed.</summary>
    public SortedSet<int> Members { get; } = [];

    /// <summary>Nodes of other groups that are computed here once more, so that what they make need not be kept.</summary>
    public SortedSet<int> Again { get; } = [];

    /// <summary>All that is computed here.</summary>
    public IEnumerable<int> Computed => Members.Union(Again).Order();
}
