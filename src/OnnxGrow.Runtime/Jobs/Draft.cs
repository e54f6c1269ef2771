namespace OnnxGrow.Runtime.Jobs;

/// <summary>
/// A folder beside an output in which it is written and proved under its final name; publishing moves it to its place, data
/// files first and the model last. What is not published is removed.
/// </summary>
internal sealed class Draft : IDisposable
{
    private readonly string _folder;
    private readonly string _target;
    private readonly string _name;

    public Draft(string output)
    {
        string full = Path.GetFullPath(output);
        _target = Path.GetDirectoryName(full)!;
        _name = Path.GetFileName(full);
        _folder = Path.Combine(_target, $".onnxgrow-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(_folder);
    }

    public string ModelPath => Path.Combine(_folder, _name);

    public void Publish()
    {
        foreach (string file in Directory.GetFiles(_folder).Where(f => Path.GetFileName(f) != _name))
        {
            File.Move(file, Path.Combine(_target, Path.GetFileName(file)), overwrite: true);
        }

        File.Move(ModelPath, Path.Combine(_target, _name), overwrite: true);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
