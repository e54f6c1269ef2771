using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OnnxGrow.Runtime.Inputs;

namespace OnnxGrow.Training.Data;

/// <summary>Batches of samples in an order that is a function of the seed and the epoch.</summary>
internal sealed class SampleStream : ITrainingData
{
    /// <summary>
    /// What is held back is the same for every seed: a model that carries on with another seed must not have seen it.
    /// </summary>
    private const ulong Fixed = 0;

    private readonly ISamples _samples;
    private readonly ISamples? _held;
    private readonly Permutation? _split;
    private readonly ulong _seed;
    private readonly string _fingerprint;
    private Permutation _order;
    private long _step, _epoch, _sample;

    /// <summary>Makes the stream.</summary>
    /// <param name="samples">The samples; they are disposed with the stream.</param>
    /// <param name="validation">Samples for validation of their own, or null.</param>
    /// <param name="fraction">Where there are none: the part of the samples that is kept for it, drawn by the seed.</param>
    /// <param name="batch">Samples of a batch.</param>
    /// <param name="seed">The seed of all that is random.</param>
    public SampleStream(ISamples samples, ISamples? validation, double fraction, int batch, ulong seed)
    {
        _samples = samples;
        _held = validation;
        _seed = seed;
        BatchSize = batch;
        if (samples.Count < 1)
        {
            throw new BadInputException(ErrorCode.Data, "the data have no samples");
        }

        long held = validation is null && fraction > 0 ? Math.Max(1, (long)(samples.Count * fraction)) : 0;
        TrainingSamples = samples.Count - held;
        ValidationSamples = validation?.Count ?? held;
        if (TrainingSamples < 1)
        {
            throw new BadInputException(ErrorCode.Data, string.Create(CultureInfo.InvariantCulture, $"the data have {samples.Count} samples, and validation takes {held} of them: none is left to train on"));
        }

        if (validation is not null && !validation.Fields.SequenceEqual(samples.Fields, FieldComparer.Instance))
        {
            throw new BadInputException(ErrorCode.Data, $"the files for validation hold {Shown(validation)}, and those to train on {Shown(samples)}: they must be the same");
        }

        _split = held > 0 ? new Permutation(Draw(Fixed, -1, 0), samples.Count) : null;
        string facts = string.Create(CultureInfo.InvariantCulture, $"{samples.Fingerprint};{samples.Count};{held};{validation?.Fingerprint}");
        _fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts)))[..32];
        _order = OrderOf(0);
    }

    public IReadOnlyList<DataField> Fields => _samples.Fields;

    public int BatchSize { get; }

    public long TrainingSamples { get; }

    public long ValidationSamples { get; }

    public DataPosition Position => new() { Step = _step, Epoch = _epoch, Sample = _sample, Seed = _seed, Data = _fingerprint };

    public void Resume(DataPosition position)
    {
        if (position.Data != _fingerprint)
        {
            throw new BadInputException(ErrorCode.Data, $"the run was stopped with other data than these ({Text.Name(position.Data)}, these are {_fingerprint}); it goes on with the files, the tokenizer, the sequence length and the validation part that it had");
        }

        if (position.Seed != _seed)
        {
            throw new BadInputException(ErrorCode.Data, string.Create(CultureInfo.InvariantCulture, $"the run was stopped with the data seed {position.Seed}, and the recipe says {_seed}"));
        }

        if (position.Step < 0 || position.Epoch < 0 || position.Sample < 0 || position.Sample >= TrainingSamples)
        {
            throw new BadInputException(ErrorCode.Data, string.Create(CultureInfo.InvariantCulture, $"there is no position of step {position.Step}, epoch {position.Epoch}, sample {position.Sample} in {TrainingSamples} samples"));
        }

        (_step, _epoch, _sample) = (position.Step, position.Epoch, position.Sample);
        _order = OrderOf(_epoch);
    }

    public Batch Next()
    {
        var batch = new BatchBuffers(Fields, BatchSize);
        for (int i = 0; i < BatchSize; i++)
        {
            long index = Training(_order[_sample]);
            _samples.Read(index, new SampleUse(Draw(_seed, _epoch, index), Training: true), batch.Row(i));
            if (++_sample == TrainingSamples)
            {
                _sample = 0;
                _order = OrderOf(++_epoch);
            }
        }

        _step++;
        return batch.ToBatch();
    }

    public IEnumerable<Batch> Validation()
    {
        ISamples from = _held ?? _samples;
        for (long first = 0; first < ValidationSamples; first += BatchSize)
        {
            int count = (int)Math.Min(BatchSize, ValidationSamples - first);
            var batch = new BatchBuffers(Fields, count);
            for (int i = 0; i < count; i++)
            {
                long index = _split is null ? first + i : _split[first + i];
                from.Read(index, new SampleUse(Draw(Fixed, -1, index), Training: false), batch.Row(i));
            }

            yield return batch.ToBatch();
        }
    }

    public void Dispose()
    {
        _samples.Dispose();
        _held?.Dispose();
    }

    // Those for validation are the first of a fixed order of all samples, those to train on the rest.
    private long Training(long ordinal) => _split is null ? ordinal : _split[ValidationSamples + ordinal];

    private Permutation OrderOf(long epoch) => new(Draw(_seed, epoch, -1), TrainingSamples);

    private static ulong Draw(ulong seed, long epoch, long index)
    {
        ulong draw = new SplitMix64(seed).Next();
        draw = new SplitMix64(draw ^ (ulong)epoch).Next();
        return new SplitMix64(draw ^ (ulong)index).Next();
    }

    private static string Shown(ISamples samples) => Text.List(samples.Fields.Select(f => f.ToString()));

    private sealed class FieldComparer : IEqualityComparer<DataField>
    {
        public static readonly FieldComparer Instance = new();

        public bool Equals(DataField? x, DataField? y) =>
            x?.Name == y?.Name && x?.ElementType == y?.ElementType && (x?.SampleDims ?? []).SequenceEqual(y?.SampleDims ?? []);

        public int GetHashCode(DataField field) => field.Name.GetHashCode(StringComparison.Ordinal);
    }
}
