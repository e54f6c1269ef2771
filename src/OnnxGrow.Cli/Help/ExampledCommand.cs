using System.CommandLine;

namespace OnnxGrow.Cli.Help;

/// <summary>A command whose help ends with examples; a test parses each of them.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Whole command lines, as a person would type them.</param>
internal sealed class ExampledCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>The examples.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
