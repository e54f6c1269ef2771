using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Writes a model, and the file beside it where it has one, whole or not at all (see <see cref="OutputStage"/>).</summary>
internal static class ModelWriter
{
    /// <summary>Writes a model to a file; files that are in use stay, whatever was there before.</summary>
    public static void Save(ModelProto proto, TensorSource source, string path, SaveOptions options, IReadOnlyList<string> inUse)
    {
        try
        {
            string target = Path.GetFullPath(path);
            CheckTarget(target, path);
            ModelLayout layout = LayOut(proto, source, path, options);
            string folder = Path.GetDirectoryName(target)!;
            Directory.CreateDirectory(folder);
            foreach (string data in layout.DataNames.Select(name => Path.Combine(folder, name)))
            {
                CheckTarget(data, data);
            }

            using var stage = new OutputStage(path);
            Write(layout, stage, path, options);
            options.Cancellation.ThrowIfCancellationRequested();
            stage.Publish(inUse);
        }
        catch (Exception e) when (OutputError.Of(path, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Writes a model and its data files to a stage, from where they are published later.</summary>
    public static void Save(ModelProto proto, TensorSource source, OutputStage stage, SaveOptions options)
    {
        try
        {
            Write(LayOut(proto, source, stage.Output, options), stage, stage.Output, options);
        }
        catch (Exception e) when (OutputError.Of(stage.Output, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Lays a model out for the name it will have.</summary>
    public static ModelLayout LayOut(ModelProto proto, TensorSource source, string path, SaveOptions options) =>
        Choose(proto, source, options, DataName(Path.GetFullPath(path), options), path);

    /// <summary>Lays a model out as one message.</summary>
    public static OutputPlan Inline(ModelProto proto, TensorSource source) =>
        ModelLayout.Of(proto, source, ExternalPolicy.Inline, string.Empty, new SaveOptions()).Model;

    /// <summary>Lays a model out as asked, with as much of it beside the model as it takes to keep protobuf's limit.</summary>
    public static ModelLayout Choose(ModelProto proto, TensorSource source, SaveOptions options, string name, string path)
    {
        long threshold = options.ExternalThreshold ?? long.MaxValue;
        long smaller = Math.Min(threshold, SaveOptions.WorthMoving);
        ExternalPolicy[] policies = options.Inline
            ? [ExternalPolicy.Inline]
            :
            [
                new(true, threshold, long.MaxValue),
                new(true, smaller, long.MaxValue),
                new(true, smaller, smaller),
            ];
        long size = 0;
        foreach (ExternalPolicy policy in policies)
        {
            ModelLayout layout = ModelLayout.Of(proto, source, policy, name, options);
            size = layout.Model.Length;
            if (size <= WireFormat.MaxMessageBytes)
            {
                layout.IsSplit = policy != policies[0];
                return layout;
            }
        }

        throw TooLarge(Text.Name(path), size);
    }

    /// <summary>The error for a model that does not fit one message.</summary>
    public static BadInputException TooLarge(string who, long size) => new(
        $"{who}: the model takes {Text.Bytes(size)} in one file, and protobuf allows 2 GiB - 1; save it with its weights in a file beside it");

    private static void Write(ModelLayout layout, OutputStage stage, string path, SaveOptions options)
    {
        options.Progress?.Begin("writing", layout.Model.Length + layout.Data.Sum(d => d.Plan.Length));
        foreach (DataFilePlan data in layout.Data)
        {
            Write(data.Plan, stage, data.Name, options);
        }

        Write(layout.Model, stage, Path.GetFileName(Path.GetFullPath(path)), options);
    }

    private static void Write(OutputPlan plan, OutputStage stage, string name, SaveOptions options)
    {
        using OutputFile file = stage.Create(name, plan.Length);
        plan.WriteTo(file, options);
    }

    private static string DataName(string target, SaveOptions options)
    {
        string name = options.DataFileName ?? (options.Safetensors ? Path.ChangeExtension(Path.GetFileName(target), ".safetensors") : Path.GetFileName(target) + ".data");
        if (ExternalPath.Problem(name) is { } problem || ExternalPath.Parts(name).Length > 1)
        {
            problem = ExternalPath.Problem(name) ?? "has a folder in it";
            throw new BadInputException(ErrorCode.Output, $"the data file's name '{Text.Name(name)}' {problem}; choose another name for the model or its data file");
        }

        bool same = string.Equals(name, Path.GetFileName(target), StringComparison.OrdinalIgnoreCase);
        return same
            ? throw new BadInputException(ErrorCode.Output, $"the data file cannot have the name of the model, '{Text.Name(name)}'")
            : name;
    }

    private static void CheckTarget(string target, string shown)
    {
        if (Directory.Exists(target) || Path.EndsInDirectorySeparator(shown))
        {
            throw new BadInputException(ErrorCode.Output, $"{Text.Name(shown)}: is a folder; give the name of the file to write");
        }

        // A link is replaced, what it leads to stays; a device or a pipe must not be.
        if (new FileInfo(target).LinkTarget is null && Path.Exists(target) && FileFacts.IsRegular(target) == false)
        {
            throw new BadInputException(ErrorCode.Output, $"{Text.Name(shown)}: is a device or a pipe; give the name of the file to write");
        }
    }
}
