using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Jobs;

/// <summary>Whether an output may go where it is to go.</summary>
/// <param name="inputIs">What it is made from, as the end of "that is ...".</param>
/// <param name="rule">Why that stays.</param>
/// <param name="input">The model that it is made from.</param>
/// <param name="inputFiles">The files that hold it, where they are known.</param>
/// <param name="replace">Whether other files there may be replaced.</param>
internal sealed class OutputPlace(string inputIs, string rule, string input, IReadOnlyList<string> inputFiles, bool replace)
{
    /// <summary>Checks that an output may be written, and finishes or removes what runs that were ended have left there.</summary>
    /// <exception cref="BadInputException">It is the input or a file of it, exists already, or has no folder.</exception>
    public void Check(string path)
    {
        string full = Path.GetFullPath(path);
        CheckInput($"-o {Text.Name(path)}", full);
        if (Directory.Exists(full))
        {
            throw new BadInputException(ErrorCode.Output, $"-o {Text.Name(path)}: that is a folder; give a file name in it");
        }

        string folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder))
        {
            throw new BadInputException(ErrorCode.Output, $"-o {Text.Name(path)}: the folder '{Text.Name(folder)}' does not exist; make it first");
        }

        OutputStage.Recover(path);
        if (File.Exists(full) && !replace)
        {
            throw new BadInputException(ErrorCode.Output, $"-o {Text.Name(path)}: exists already; give another name, or --force to replace it");
        }
    }

    /// <summary>Checks that the data files of an output may be written.</summary>
    /// <exception cref="BadInputException">One of them is the input or a file of it, or exists already.</exception>
    public void CheckDataFiles(string path, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            string full = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
            CheckInput($"-o {Text.Name(path)}: its data file '{Text.Name(name)}'", full);
            if (Directory.Exists(full))
            {
                throw new BadInputException(ErrorCode.Output, $"-o {Text.Name(path)}: its data file '{Text.Name(name)}' would be where a folder is; give another name");
            }

            if (File.Exists(full) && !replace)
            {
                throw new BadInputException(ErrorCode.Output, $"-o {Text.Name(path)}: its data file '{Text.Name(name)}' exists already; give another name, or --force to replace it");
            }
        }
    }

    private void CheckInput(string what, string full)
    {
        string model = Path.GetFullPath(input);
        foreach (string file in inputFiles.Prepend(model))
        {
            string which = file == model || RealPath.Resolve(model) == file ? inputIs : $"a data file of {inputIs} ({Text.Name(file)})";
            if (FileFacts.IsSame(full, file))
            {
                throw new BadInputException(ErrorCode.Output, $"{what}: that is {which}; {rule}; give another name");
            }

            if (string.Equals(RealPath.Resolve(full), file, StringComparison.OrdinalIgnoreCase) || string.Equals(full, file, StringComparison.OrdinalIgnoreCase))
            {
                throw new BadInputException(ErrorCode.Output, $"{what}: differs only by case from {which}, and is the same file on Windows and macOS; {rule}; give another name");
            }
        }
    }
}
