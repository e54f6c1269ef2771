using System.Security.Cryptography;
using System.Text;
using Microsoft.Build.Framework;

namespace OnnxGrow.MSBuild;

/// <summary>What one <c>OnnxGrowModel</c> asks for: the command's arguments, and every file that is read and written.</summary>
internal sealed class ModelJob
{
    private static readonly string[] Copies = ["Never", "Always", "PreserveNewest", "IfDifferent"];

    private readonly ITaskItem _item;
    private readonly string _project;
    private readonly Dictionary<string, string> _given = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _arguments = [];
    private readonly List<string> _reads = [];
    private readonly List<string> _listed = [];
    private readonly List<string> _writes = [];

    private ModelJob(ITaskItem item, string project, string outputFolder, string recordFolder)
    {
        _item = item;
        _project = project;
        Name = item.ItemSpec;
        Model = Full(Name);
        ReadMetadata();

        string recursive = item.GetMetadata("RecursiveDir");
        string fileName = Path.GetFileName(Model);
        Output = Full(Given("OutputFile") ?? Path.Combine(outputFolder, recursive, fileName));
        Link = Given("Link") ?? (Given("OutputFile") is null ? Path.Combine(recursive, fileName) : Path.GetFileName(Output));
        string record = Path.Combine(Full(recordFolder), Path.GetFileName(Output) + "." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Output)))[..8]);
        Stamp = record + ".stamp";
        Json = Full(Given("Json") ?? record + ".json");

        ReadsModel(Model);
        _writes.Add(Output);
        _arguments.AddRange(["grow", Model, "--output=" + Output, "--json=" + Json]);
        _writes.Add(Json);
        foreach (GrowMetadata metadata in GrowMetadata.All)
        {
            if (Given(metadata.Name) is { } value)
            {
                Add(metadata, value);
            }
        }

        if (Given("State") is not null && Given("StateOutputFile") is null)
        {
            WritesTo("--state-out", Output + ".state.safetensors");
        }

        _listed.AddRange((Given("AdditionalInputs") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Full));
        _reads.AddRange(_listed);
    }

    /// <summary>The model as the project names it.</summary>
    public string Name { get; }

    /// <summary>The source's full path.</summary>
    public string Model { get; }

    /// <summary>The grown model's full path.</summary>
    public string Output { get; }

    /// <summary>Where in the output folder it is copied to.</summary>
    public string Link { get; }

    /// <summary>The file that changes when what is asked for changes.</summary>
    public string Stamp { get; }

    /// <summary>Where the command writes plan and report.</summary>
    public string Json { get; }

    /// <summary>Full paths of the files that are written, but for data files.</summary>
    public IReadOnlyList<string> Writes => _writes;

    /// <summary>Full paths of the files that are read, the stamp aside.</summary>
    public IReadOnlyList<string> Reads => _reads;

    /// <summary>Whether the item asks for less than the whole proof.</summary>
    public bool AsksForLess => Given("Proof") is not null;

    /// <summary>
    /// What the stamp says. Of the files that are read it names those of which a list may become shorter, which no file's time
    /// would tell; not the data files of models, which are not known before an earlier item has made its model.
    /// </summary>
    public string StampText(string tool) => "OnnxGrow build step 1\ntool " + tool + "\n"
        + string.Concat(_arguments.Select(a => a + "\n")) + string.Concat(_listed.Select(r => "reads " + r + "\n"));

    /// <summary>Reads an item.</summary>
    /// <exception cref="ItemException">Its metadata cannot be used.</exception>
    public static ModelJob Of(ITaskItem item, string project, string outputFolder, string recordFolder) => new(item, project, outputFolder, recordFolder);

    /// <summary>How files of this item are copied.</summary>
    public string Copy(string otherwise)
    {
        string value = Given("CopyToOutputDirectory") ?? (otherwise.Length > 0 ? otherwise : "Never");
        return Copies.FirstOrDefault(v => v.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw Bad("CopyToOutputDirectory", value, "give PreserveNewest, Always, IfDifferent or Never");
    }

    /// <summary>The item as the tasks that follow take it.</summary>
    public ITaskItem ToItem(string copy)
    {
        var item = Escaping.Item(Name, ("WorkingFolder", _project), ("OutputFile", Output), ("Json", Json), ("Link", Link), ("Stamp", Stamp),
            ("Arguments", string.Join('\n', _arguments)), ("Copy", copy), ("AsksForLess", AsksForLess ? "true" : "false"), ("Report", FileOf("Report")), ("State", StateFile));
        item.SetMetadata("Inputs", Escaping.List([.. _reads, Stamp]));
        item.SetMetadata("Outputs", Escaping.List([.. _writes, .. ModelFile.Read(Output).DataFiles]));
        item.SetMetadata("Writes", Escaping.List(_writes));
        return item;
    }

    private string StateFile => Given("State") is null ? "" : Given("StateOutputFile") is { } file ? Full(file) : Output + ".state.safetensors";

    private string FileOf(string name) => Given(name) is { } file ? Full(file) : "";

    private void ReadMetadata()
    {
        System.Collections.IDictionary custom = _item.CloneCustomMetadata();
        foreach (string name in custom.Keys)
        {
            string value = _item.GetMetadata(name);
            if (GrowMetadata.Find(name) is { } known)
            {
                if (value.AsSpan().IndexOfAny('\n', '\r') >= 0)
                {
                    throw Bad(known.Name, value.ReplaceLineEndings(" "), "a value is one line");
                }

                _given[known.Name] = value.Trim();
            }
            else if (name[0] != '_' && !GrowMetadata.Ignored.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ItemException("OG0101", $"OnnxGrowModel '{Name}': there is no metadata '{name}'; the nearest is '{Nearest.To(name, GrowMetadata.All.Select(m => m.Name))}' (all of them: docs/build-step.md; a name that begins with '_' is left alone)");
            }
        }
    }

    private string? Given(string name) => _given.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    private string Full(string path) => Path.GetFullPath(Path.Combine(_project, path.Replace('\\', Path.DirectorySeparatorChar)));

    private ItemException Bad(string name, string value, string right) =>
        new("OG0102", $"OnnxGrowModel '{Name}': {name}=\"{value}\": {right}");

    private void Add(GrowMetadata metadata, string value)
    {
        switch (metadata.Kind)
        {
            case MetadataKind.Value:
                _arguments.Add(metadata.Option + "=" + value);
                break;
            case MetadataKind.Values:
                _arguments.AddRange(value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(v => metadata.Option + "=" + v));
                break;
            case MetadataKind.Switch or MetadataKind.SwitchOff:
                bool wanted = bool.TryParse(value, out bool on) ? on : throw Bad(metadata.Name, value, "give true or false");
                if (wanted == (metadata.Kind == MetadataKind.Switch))
                {
                    _arguments.Add(metadata.Option!);
                }

                break;
            case MetadataKind.InputFile or MetadataKind.InputModel:
                string file = Full(value);
                _arguments.Add(metadata.Option + "=" + file);
                _reads.Add(file);
                _reads.AddRange(metadata.Kind == MetadataKind.InputModel ? ModelFile.Read(file).DataFiles : []);
                break;
            case MetadataKind.InputFolder:
                string folder = Full(value);
                _arguments.Add(metadata.Option + "=" + folder);
                _listed.AddRange(Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : []);
                break;
            case MetadataKind.LogFile:
                _arguments.Add(metadata.Option + "=" + Full(value));
                break;
            case MetadataKind.OutputFile when metadata.Name != "Json":
                WritesTo(metadata.Option!, Full(value));
                break;
        }
    }

    private void ReadsModel(string path)
    {
        _reads.Add(path);
        _reads.AddRange(ModelFile.Read(path).DataFiles);
    }

    private void WritesTo(string option, string path)
    {
        _arguments.Add(option + "=" + path);
        _writes.Add(path);
    }
}
