using System.IO.Enumeration;

namespace OnnxGrow.Training.Preparation;

/// <summary>Which weights a user wants to train or to leave as they are, by patterns of names (* and ?).</summary>
public sealed record ParameterFilter
{
    /// <summary>Trained whatever they look like.</summary>
    public IReadOnlyList<string> Train { get; init; } = [];

    /// <summary>Left as they are.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>These are trained, and nothing else; null where patterns decide.</summary>
    internal IReadOnlySet<string>? Only { get; init; }

    /// <summary>Whether a weight is to be trained: by its name, or null where no pattern says so.</summary>
    /// <remarks>What is both, is frozen: a wide pattern of weights to train is narrowed by one of weights to freeze.</remarks>
    public bool? Says(string name) =>
        Only is not null ? Only.Contains(name) :
        Freeze.Any(p => FileSystemName.MatchesSimpleExpression(p, name, false)) ? false
        : Train.Any(p => FileSystemName.MatchesSimpleExpression(p, name, false)) ? true
        : null;

    /// <exception cref="BadInputException">A pattern is of no weight.</exception>
    internal void CheckUsed(IReadOnlyCollection<string> names)
    {
        foreach (string pattern in Train.Concat(Freeze))
        {
            if (!names.Any(n => FileSystemName.MatchesSimpleExpression(pattern, n, false)))
            {
                throw new BadInputException(
                    ErrorCode.Recipe, $"the pattern '{Text.Name(pattern)}' of weights to train or freeze is the name of no weight; they are {string.Join(", ", names.Order(StringComparer.Ordinal).Take(5).Select(Text.Name))} and so on");
            }
        }
    }
}
