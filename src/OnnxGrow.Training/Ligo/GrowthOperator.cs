using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Training.Ligo;

/// <summary>
/// A matrix that widens one axis: LiGO's B where a weight writes the axis, and its A where a weight reads it
/// (growth-math, section 8).
/// </summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Target">Rows: the extent after growth.</param>
/// <param name="Source">Columns: the extent before it.</param>
/// <param name="Values">Where it begins, row by row.</param>
/// <param name="FixedRows">The first rows, which are not learned.</param>
/// <param name="Shares">What a reader's columns are multiplied with, so that copies share an entry; null for nothing.</param>
internal sealed record GrowthOperator(string Name, int Target, int Source, float[] Values, int FixedRows, float[]? Shares);

/// <summary>A piece of an axis that one operator widens: the whole axis, or one of several that stand one after the other.</summary>
/// <param name="Key">Axes and pieces with the same key share an operator.</param>
/// <param name="TargetStart">Its first entry after growth.</param>
/// <param name="Target">Its extent after growth.</param>
/// <param name="SourceStart">Its first entry before growth.</param>
/// <param name="Source">Its extent before growth.</param>
internal sealed record OperatorPiece(string Key, int TargetStart, int Target, int SourceStart, int Source);

/// <summary>What is done along one axis of a weight.</summary>
/// <param name="Recipe">The axis in the weight's recipe.</param>
/// <param name="Pieces">Operators, in order; none where the axis stays as it is, or only gets entries behind the old ones.</param>
internal sealed record OperatorAxis(RecipeAxis Recipe, IReadOnlyList<OperatorPiece> Pieces)
{
    /// <summary>Whether the axis only gets entries behind the old ones (a vocabulary): those are no matter of operators.</summary>
    public bool Appends => Recipe.Role == AxisRole.Append;
}
