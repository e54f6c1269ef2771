using System.Text;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Reports.Runs;

/// <summary>The command line that repeats a run.</summary>
internal static class ReproduceCommand
{
    /// <summary>The command for a record.</summary>
    public static string Of(RunRecord record)
    {
        var command = new StringBuilder("onnxgrow train ").Append(Word(record.Model.Name)).Append(" --recipe ").Append(Word(record.Recipe.Name)).Append(" -o ").Append(Word(record.Output));
        if (record.State is { } state)
        {
            command.Append(" --state ").Append(Word(state.Name));
        }

        if (record.Engine != "onnxruntime")
        {
            command.Append(" --engine ").Append(Word(record.Engine));
        }

        if (record.Provider != "cpu")
        {
            command.Append(" --provider ").Append(Word(record.Provider));
        }

        return command.ToString();
    }

    /// <summary>A word as a shell reads it back; one that looks like an option is none.</summary>
    private static string Word(string word)
    {
        string name = word.StartsWith('-') ? "./" + word : word;
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "._-/+=@,".Contains(c, StringComparison.Ordinal))
            ? name
            : "'" + name.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
