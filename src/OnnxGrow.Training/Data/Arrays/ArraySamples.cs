using System.Globalization;

namespace OnnxGrow.Training.Data.Arrays;

/// <summary>The samples of several shards after each other.</summary>
internal sealed class ArraySamples : ISamples
{
    private readonly List<ArrayShard> _shards = [];
    private readonly List<long> _ends = [];

    public ArraySamples(IReadOnlyList<string> paths)
    {
        try
        {
            foreach (string path in paths)
            {
                _shards.Add(new ArrayShard(path));
                Count += _shards[^1].Count;
                _ends.Add(Count);
                (string first, string here) = (Shown(_shards[0]), Shown(_shards[^1]));
                if (first != here)
                {
                    throw new BadInputException(ErrorCode.Data, $"'{Text.Name(path)}' holds {here}, and '{Text.Name(paths[0])}' {first}: all shards must hold the same");
                }
            }

            Fields = _shards[0].Fields;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<DataField> Fields { get; }

    public long Count { get; }

    public string Fingerprint =>
        string.Create(CultureInfo.InvariantCulture, $"arrays;{Shown(_shards[0])};{string.Join(',', _shards.Select(s => s.Count))};{ContentPrint.Of([.. _shards.SelectMany(s => s.Content)])}");

    public void Read(long index, SampleUse use, Span<Memory<byte>> fields)
    {
        int shard = _ends.BinarySearch(index + 1);
        shard = shard < 0 ? ~shard : shard;
        _shards[shard].Read(index - (shard == 0 ? 0 : _ends[shard - 1]), Fields, fields);
    }

    public void Dispose() => _shards.ForEach(s => s.Dispose());

    private static string Shown(ArrayShard shard) => Text.List(shard.Fields.Select(f => f.ToString()));
}
