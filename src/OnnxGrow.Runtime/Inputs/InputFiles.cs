using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>
/// Inputs from a folder: a .npy file for each graph input, named like it, is one case; and so is each sub-folder that
/// holds them. Characters of a name that a file name cannot have are written as '_'.
/// </summary>
public static class InputFiles
{
    /// <summary>Reads all cases of a folder, sub-folders in the order of their names.</summary>
    /// <exception cref="BadInputException">There is none, or one is incomplete; the message names what is missing.</exception>
    public static InputSet Read(string folder, OnnxModel model)
    {
        if (!Directory.Exists(folder))
        {
            throw new BadInputException(ErrorCode.TestInput, $"the folder of inputs '{Text.Name(folder)}' does not exist");
        }

        var initializers = model.Proto.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] inputs = [.. model.Proto.Graph.Input.Where(i => !initializers.Contains(i.Name))];
        string[] folders = [folder, .. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)];
        InputCase[] cases = [.. folders.Where(f => Directory.EnumerateFiles(f, "*.npy").Any()).Select(f => ReadCase(f, inputs))];
        return cases.Length > 0
            ? new InputSet { Cases = cases, Notes = [$"inputs from '{Text.Name(folder)}'"] }
            : throw new BadInputException(
                ErrorCode.TestInput, $"'{Text.Name(folder)}' holds no inputs; a case is a folder with {Text.Some(inputs.Select(i => FileName(i.Name)))}");
    }

    private static InputCase ReadCase(string folder, IReadOnlyList<ValueInfoProto> inputs)
    {
        var tensors = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in inputs)
        {
            string path = Path.Combine(folder, FileName(input.Name));
            if (!File.Exists(path))
            {
                throw new BadInputException(ErrorCode.TestInput, $"'{Text.Name(folder)}' has no {FileName(input.Name)} for the graph input '{Text.Name(input.Name)}'");
            }

            RuntimeTensor tensor = NpyFile.Read(path);
            var wanted = (ElementType)(input.Type?.TensorType?.ElemType ?? 0);
            bool bothFloat = tensor.IsFloat && ElementTypes.IsGrowable(wanted);
            if (tensor.ElementType != wanted && !bothFloat)
            {
                throw new BadInputException(
                    ErrorCode.TestInput, $"'{Text.Name(path)}' holds {tensor.ElementType}, and the graph input '{Text.Name(input.Name)}' is {wanted}");
            }

            tensors.Add(input.Name, tensor.ConvertTo(wanted));
        }

        return new InputCase(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), tensors);
    }

    private static string FileName(string input)
    {
        char[] name = input.ToCharArray();
        for (int i = 0; i < name.Length; i++)
        {
            name[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '_' or '-' or '.' ? name[i] : '_';
        }

        return new string(name) + ".npy";
    }
}
