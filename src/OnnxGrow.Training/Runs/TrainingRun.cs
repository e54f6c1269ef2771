using System.Diagnostics;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.States;

namespace OnnxGrow.Training.Runs;

/// <summary>One training run, from its recipe to the trained model.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly RunOptions _options;
    private readonly TrainingRecipe _recipe;
    private readonly IRunObserver? _observer;
    private readonly CancellationToken _cancellation;
    private readonly OnnxModel _model;
    private readonly ITrainingData _data;
    private readonly InputFeed _feed;
    private readonly ITrainingEngine _engine;
    private readonly Teacher? _teacher;
    private readonly CheckpointFolder _checkpoints;
    private readonly RunSummary _summary;
    private readonly IReadOnlyList<TiedWeight> _ties;
    private readonly RunRecord _record;
    private readonly string _source;
    private readonly long _earlier;
    private readonly IReadOnlyDictionary<string, long> _born;
    private readonly Stopwatch _watch = new();
    private readonly LabelCheck? _labels;
    private LossScale? _scale;
    private double _before;
    private long _entries;

    private TrainingRun(RunOptions options, TrainingRecipe recipe, IRunObserver? observer, CancellationToken cancellation)
    {
        _options = options;
        _recipe = recipe;
        _observer = observer;
        _cancellation = cancellation;
        _checkpoints = new CheckpointFolder(options.CheckpointPath);

        // A step is not broken off in the middle, where weights are half of one step and half of the next: the run stops between steps.
        var session = new OrtSessionOptions { Provider = options.Provider, Threads = recipe.Threads, Optimization = GraphOptimization.All };
        var owned = new Stack<IDisposable>();
        Engines.Check(options.Engine);
        try
        {
            owned.Push(_model = OnnxModel.Open(options.Model, options.Limits));
            SharedConstants.Separate(_model);
            string folder = Path.GetDirectoryName(Path.GetFullPath(options.Recipe))!;
            owned.Push(_data = DataSource.Open(recipe.Data, folder));
            _feed = FeedOf(_model, recipe, _data);
            TrainableModel trainable = Prepared(_model, ModelInputs(_model, FirstBatch()), recipe);
            _labels = LabelCheck.Of(trainable, recipe.Loss);
            _ties = trainable.Ties;
            _summary = new RunSummary(
                trainable.Parameters.Count, trainable.Parameters.Sum(p => p.Count), trainable.Frozen, _data.TrainingSamples, _data.ValidationSamples);
            owned.Push(trainable);
            IReadOnlyDictionary<string, RuntimeTensor> fed = _feed.Of(FirstBatch());
            _record = RunRecorder.Of(options, recipe, _model, trainable, fed.Values.First().Dims[0], EntriesOf(fed, NameOf(_data.Position)));
            using OptimizerState? state = options.State is null ? null : OptimizerState.Open(options.State, _model);
            (_earlier, _born) = (state?.Step ?? 0, state?.Born ?? new Dictionary<string, long>());
            var update = new UpdateOptions
            {
                Optimizer = recipe.Optimizer, WeightDecay = recipe.WeightDecay, MaxNorm = recipe.Clip, Born = _born, Rates = RatesOf(recipe, _model),
                Precision = recipe.Precision,
            };
            ElementType type = trainable.FloatType;
            ITrainingEngine engine = Engines.Open(options.Engine, trainable, recipe.Loss, update, session);
            owned.Pop();
            owned.Push(_engine = engine);
            Load(engine, state, type);
            if (recipe.Teacher is { } teacher)
            {
                owned.Push(_teacher = new Teacher(Path.Combine(folder, teacher), null, session));
            }

            _scale = update.ScalesLoss ? new LossScale { Value = recipe.LossScale } : null;
            _source = SourceOf(_record);
        }
        catch
        {
            foreach (IDisposable each in owned)
            {
                each.Dispose();
            }

            throw;
        }
    }

    /// <summary>Trains a model.</summary>
    /// <param name="options">What, and where to.</param>
    /// <param name="observer">Is told what happens; null for nobody.</param>
    /// <param name="cancellation">Stops the run between steps, after a checkpoint.</param>
    /// <exception cref="BadInputException">A file or the recipe cannot be used.</exception>
    /// <exception cref="CannotTrainException">The model cannot be trained so, or the loss is no number any more.</exception>
    public static RunResult Run(RunOptions options, IRunObserver? observer = null, CancellationToken cancellation = default)
    {
        CheckPlaces(options);
        return Run(options, TrainingRecipe.Load(options.Recipe), observer, cancellation);
    }

    /// <summary>Trains a model by a recipe that is not quite what its file says.</summary>
    internal static RunResult Run(RunOptions options, TrainingRecipe recipe, IRunObserver? observer, CancellationToken cancellation)
    {
        using var run = new TrainingRun(options, recipe, observer, cancellation);
        return run.Run();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _teacher?.Dispose();
        _engine.Dispose();
        _data.Dispose();
        _model.Dispose();
    }

    private RunResult Run()
    {
        long step = 0;
        if (_options.Resume)
        {
            RunState state = _checkpoints.Read(_engine, _source);
            _checkpoints.Prune(_recipe.KeepCheckpoints);
            _data.Resume(state.Data);
            (step, _before, _entries) = (state.Step, state.Seconds, state.Entries);
            _scale = _scale is null ? null : state.Scale ?? _scale;
        }
        else
        {
            _checkpoints.Clear();
        }

        _record.Write(_options.RecordPath, _options.Resume ? step : null);
        using TrainingLog log = TrainingLog.Open(_options.LogPath, _options.Resume ? step : -1);
        _observer?.Begin(_summary, step, _recipe.Steps);
        _watch.Start();
        LogEntry? first = step == 0 ? Evaluate(log, 0) : null;
        LogEntry? last = first;
        while (step < _recipe.Steps)
        {
            if (_cancellation.IsCancellationRequested)
            {
                Save(step);
                _cancellation.ThrowIfCancellationRequested();
            }

            step++;
            Step(log, step);
            if (step == _recipe.Steps || (_recipe.EvaluateEvery > 0 && step % _recipe.EvaluateEvery == 0))
            {
                last = Evaluate(log, step) ?? last;
            }

            if (step == _recipe.Steps || (_recipe.CheckpointEvery > 0 && step % _recipe.CheckpointEvery == 0))
            {
                Save(step);
            }
        }

        TrainedModel.Write(_model, _engine, _ties, step, _options.Output);
        return new RunResult(step, first, last, _options.Output);
    }

    private void Step(TrainingLog log, long step)
    {
        DataPosition at = _data.Position;
        var batches = new IReadOnlyDictionary<string, RuntimeTensor>[_recipe.Accumulate];
        for (int i = 0; i < batches.Length; i++)
        {
            DataPosition from = _data.Position;
            batches[i] = Fed(_data.Next());
            _entries += EntriesOf(batches[i], NameOf(from));
        }

        _engine.LossScale = _scale?.Value ?? 1;
        double loss = _engine.Accumulate(batches).Average();
        double rate = _recipe.Schedule.RateOf(step - 1);
        double norm = double.IsFinite(loss) ? _engine.Update(Taken(step), rate) : double.NaN;
        bool skipped = _scale is not null && double.IsFinite(loss) && !double.IsFinite(norm);
        var entry = new LogEntry { Step = step, Loss = loss, Rate = rate, GradientNorm = norm, Seconds = Seconds, Entries = _entries, Skipped = skipped ? true : null };
        log.Write(entry);
        _observer?.Logged(entry);
        _scale = double.IsFinite(loss) ? _scale?.After(skipped) : _scale;
        if (skipped ? _scale!.IsSpent : !double.IsFinite(norm))
        {
            IReadOnlyList<long> kept = _checkpoints.Steps();
            string whose = skipped ? ", though the loss scale has come down below 1" : "";
            throw new CannotTrainException(ErrorCode.NotANumber, FormattableString.Invariant(
                $"step {step}: {(double.IsFinite(loss) ? "the gradients are" : "the loss is")} no finite number{whose} (loss {loss}, norm of gradients {norm}, batch {at.Step + 1}: epoch {at.Epoch}, sample {at.Sample} on); ")
                + (_scale is null ? "" : "with precision float16 activations beyond 65504 overflow too, which bfloat16 and float32 do not; ")
                + (kept.Count > 0 ? FormattableString.Invariant($"the last good checkpoint is that of step {kept[^1]}") : "no checkpoint was written yet")
                + "; a lower learning rate, a longer warm-up or clipping (clip: 1.0) helps most often");
        }
    }

    private static string NameOf(DataPosition at) => FormattableString.Invariant($"batch {at.Step + 1} (epoch {at.Epoch}, sample {at.Sample} on)");

    private LogEntry? Evaluate(TrainingLog log, long step)
    {
        if (_data.ValidationSamples == 0)
        {
            return null;
        }

        double losses = 0, counts = 0, right = 0;
        IEnumerable<Batch> batches = _data.Validation();
        foreach (Batch batch in _recipe.EvaluationBatches > 0 ? batches.Take(_recipe.EvaluationBatches) : batches)
        {
            _cancellation.ThrowIfCancellationRequested();
            IReadOnlyDictionary<string, RuntimeTensor> fed = Fed(batch);
            EntriesOf(fed, "validation data");
            (double loss, double count, double correct) = _engine.Evaluate(fed);
            (losses, counts, right) = (losses + (loss * count), counts + count, right + correct);
        }

        var entry = new LogEntry
        {
            Step = step,
            ValidationLoss = losses / Math.Max(counts, 1),
            ValidationAccuracy = _recipe.Loss is MeanSquaredError ? null : right / Math.Max(counts, 1),
            Seconds = Seconds,
            Entries = _entries,
        };
        log.Write(entry);
        _observer?.Logged(entry);
        return entry;
    }

    /// <summary>How many updates the optimizer has made when this step is: its bias correction knows nothing of those that were skipped.</summary>
    private long Taken(long step) => _earlier + step - (_scale?.Skipped ?? 0);

    private double Seconds => _before + _watch.Elapsed.TotalSeconds;

    private void Save(long step) => _checkpoints.Write(
        _engine,
        new RunState { Step = step, Data = _data.Position, Seconds = Seconds, Entries = _entries, Source = _source, Scale = _scale },
        OptimizerState.TextsOf(Taken(step), _born),
        _recipe.KeepCheckpoints);

    private static IReadOnlyDictionary<string, RelativeRate> RatesOf(TrainingRecipe recipe, OnnxModel model)
    {
        try
        {
            return recipe.SplitRate ? SplitRates.Of(model) : new Dictionary<string, RelativeRate>();
        }
        catch (BadInputException e)
        {
            throw new BadInputException(ErrorCode.Recipe, $"{e.Message}; leave 'optimizer.split_rate' out of the recipe, or train what 'grow' wrote", e);
        }
    }

    /// <summary>Begins with the state that a file holds; weights that it knows nothing of begin with none.</summary>
    private static void Load(ITrainingEngine engine, OptimizerState? state, ElementType type)
    {
        HashSet<string> names = [.. engine.TensorNames];
        foreach (NamedTensor tensor in state?.Entries.Select(e => e.Tensor).Where(t => names.Contains(t.Name)) ?? [])
        {
            engine.Write(tensor.Name, RuntimeTensor.Of(tensor.Data, tensor.Dims).ConvertTo(type));
        }
    }

    private IReadOnlyDictionary<string, RuntimeTensor> Fed(Batch batch)
    {
        IReadOnlyDictionary<string, RuntimeTensor> inputs = _feed.Of(batch);
        return _teacher is null ? inputs : _teacher.With(inputs);
    }

    private Batch FirstBatch()
    {
        DataPosition start = _data.Position;
        Batch first = _data.Next();
        _data.Resume(start);
        return first;
    }

    private Dictionary<string, RuntimeTensor> ModelInputs(OnnxModel model, Batch batch)
    {
        HashSet<string> names = [.. ModelInput.Of(model).Select(i => i.Name)];
        return _feed.Of(batch).Where(b => names.Contains(b.Key)).ToDictionary(b => b.Key, b => b.Value, StringComparer.Ordinal);
    }

    private long EntriesOf(IReadOnlyDictionary<string, RuntimeTensor> batch, string where) =>
        _labels is not null ? _labels.Count(batch, where) : batch.Values.First().Dims[0];

    /// <summary>A model that does not run on the data does not suit them, or they do not suit it.</summary>
    private static TrainableModel Prepared(OnnxModel model, Dictionary<string, RuntimeTensor> batch, TrainingRecipe recipe)
    {
        try
        {
            return TrainableModel.Of(model, batch, recipe.Weights);
        }
        catch (NotVerifiedException e) when (e.Message.StartsWith("ONNX Runtime cannot run", StringComparison.Ordinal))
        {
            string shown = string.Join(", ", batch.Select(b => $"'{Text.Name(b.Key)}' {b.Value}{RangeOf(b.Value)}"));
            throw new BadInputException(
                ErrorCode.Data, $"the model does not run on the first batch of the data ({shown}): {e.Message}. "
                + "Sequences longer than its positions and tokens beyond its vocabulary do that: see 'sequence' and the tokenizer in the recipe", e);
        }
    }

    private static string RangeOf(RuntimeTensor tensor) => tensor.IsFloat || tensor.Count == 0 ? ""
        : FormattableString.Invariant($" from {tensor.ToDoubles().Min()} to {tensor.ToDoubles().Max()}");

    /// <summary>The model's inputs and those that the loss adds, whose extents are those of the data.</summary>
    private static InputFeed FeedOf(OnnxModel model, TrainingRecipe recipe, ITrainingData data)
    {
        string name = recipe.Loss is MeanSquaredError ? MeanSquaredError.Target : CrossEntropy.Labels;
        ElementType type = recipe.Loss is MeanSquaredError ? ElementType.Float32 : ElementType.Int64;
        int rank = data.Fields.FirstOrDefault(f => f.Name == name)?.SampleDims.Length
            ?? throw new BadInputException(ErrorCode.Recipe, $"the loss takes '{name}', and the data have only {Text.List(data.Fields.Select(f => f.Name))}");
        var added = new ModelInput(name, type, new long?[rank + 1]);
        return new InputFeed([.. ModelInput.Of(model), added], data.Fields, recipe.Data.Inputs);
    }

    private static void CheckPlaces(RunOptions options)
    {
        var checkpoints = new CheckpointFolder(options.CheckpointPath);
        if (options is { Resume: true, Force: true })
        {
            throw new BadInputException(ErrorCode.Run, "--resume carries the run on that is there, and --force begins anew in its place; give one of them");
        }

        if (Path.GetFullPath(options.Output) == Path.GetFullPath(options.Model))
        {
            throw new BadInputException(ErrorCode.Run, $"the output '{Text.Name(options.Output)}' is the model that is trained; a run never replaces it");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(options.Output)) is { } folder && !Directory.Exists(folder))
        {
            throw new BadInputException(ErrorCode.Run, $"the folder '{Text.Name(folder)}' of the output is not there");
        }

        if (!options.Resume && !options.Force && (checkpoints.Any || File.Exists(options.Output)))
        {
            throw new BadInputException(
                ErrorCode.Run, checkpoints.Any ? $"'{Text.Name(checkpoints.Path)}' has checkpoints of a run; carry it on with --resume, or begin anew with --force"
                : $"'{Text.Name(options.Output)}' is there; replace it with --force");
        }
    }

    /// <summary>What a run is of: the model's and the recipe's bytes.</summary>
    private static string SourceOf(RunRecord record)
    {
        string state = record.State is null ? "" : $" state {record.State.Sha256}";
        return $"model {record.Model.Sha256} recipe {record.Recipe.Sha256}{state}";
    }
}
