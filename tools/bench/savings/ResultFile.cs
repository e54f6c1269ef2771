using System.Text.Json;

namespace OnnxGrow.Bench.Savings;

/// <summary>The results of one task and growth: a line a run, added when the run is done, so that a comparison can be carried on.</summary>
internal sealed class ResultFile
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly Dictionary<RunKey, RunRow> _rows = [];

    public ResultFile(Experiment experiment, TaskSetup task, GrowthSetup growth)
    {
        _path = Path.Combine(experiment.Results, $"{task.Name}-{growth.Name}.jsonl");
        if (File.Exists(_path))
        {
            foreach (string line in File.ReadLines(_path).Where(l => l.Length > 0))
            {
                RunRow row = JsonSerializer.Deserialize(line, RowJson.Default.RunRow)!;
                _rows[row.Key] = row;
            }
        }
    }

    public IReadOnlyCollection<RunRow> Rows
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows.Values];
            }
        }
    }

    public RunRow? Find(RunKey key)
    {
        lock (_lock)
        {
            return _rows.GetValueOrDefault(key);
        }
    }

    public void Add(RunRow row)
    {
        lock (_lock)
        {
            _rows[row.Key] = row;
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.AppendAllText(_path, JsonSerializer.Serialize(row, RowJson.Default.RunRow) + "\n");
        }
    }
}
