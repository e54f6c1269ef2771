using System.Security.Cryptography;
using System.Text;

namespace OnnxGrow.Onnx;

/// <summary>
/// The place beside an output where a model and its data files are written, flushed and proved before they get their
/// names: all of them or none. It is the hidden folder <c>.NAME.RANDOM.onnxgrow</c>, NAME being the model's, with
/// <c>new/</c> (what is written), <c>old/</c> (what is replaced), <c>commit</c> (a mark), <c>stale</c> (names of data
/// files that only the replaced model uses) and <c>lock</c>.
/// </summary>
/// <remarks>
/// The order of the steps, and what an end of the process at any of them leaves:
/// <list type="number">
/// <item>Folder and lock are made; files are written into new/ and flushed, then the folder's names. Until here nothing
/// outside it has changed: the old state stands, and the next run for the same output finds the folder by its name,
/// its lock free, and removes it.</item>
/// <item>A model without data files is renamed over the old one. That is one step: the old state stands before it, the new one
/// after it.</item>
/// <item>With data files the mark is made. From here on everything that is needed for the new state is on the disk and flushed,
/// and the next run finishes what is left of the steps below. Where a file of a data file's name is there, the old model is
/// moved to old/ first, then each data file to its name (an older one to old/), then the folder's names are flushed, and
/// the model is renamed last. So no model ever stands beside data that is not its own. No file system replaces two files
/// at once: for the few renames in between there is no model of that name, and then the next run puts the whole new one there.</item>
/// <item>Data files that only the replaced model used (see <see cref="StaleData"/>) are removed. Their names are noted before the
/// model is renamed, so that the next run removes what an end in between leaves.</item>
/// <item>The mark is removed first, then old/, then the rest. An end in between leaves the new state and a folder that
/// the next run removes.</item>
/// </list>
/// An error (not an end) at a step after the mark moves everything back, and then removes the mark; where even that fails, the mark
/// stays and the next run finishes. A file that was put in the model's place after the mark was made is another's and stays.
/// While one process writes an output, another is refused.
/// </remarks>
internal sealed class OutputStage : IDisposable
{
    private const string Suffix = ".onnxgrow";
    private const string New = "new";
    private const string Old = "old";
    private const string Mark = "commit";
    private const string Stale = "stale";

    // A file's name has 255 bytes at most on most systems; the rest is for what is added.
    private const int LongestName = 200;
    private const int KeptOfLongName = 100;
    private const int LooksAtOthers = 10;
    private const int LookAgain = 50;

    private readonly LockedFolder _folder;
    private readonly Places _places;
    private readonly string _shown;

    /// <summary>Removes or finishes what earlier runs left for this output, and makes the place for a new one.</summary>
    /// <exception cref="BadInputException">Another process is writing the same output.</exception>
    public OutputStage(string target)
    {
        _shown = target;
        string full = Path.GetFullPath(target);
        string parent = Path.GetDirectoryName(full)!;
        try
        {
            _folder = LockedFolder.Create(parent, Prefix(Path.GetFileName(full)), Suffix);
            _places = new Places(_folder.Path, parent, Path.GetFileName(full));
            ClearOthers(full);
            WriteStep.Reach("create folder");
            Directory.CreateDirectory(_places.New);
        }
        catch (Exception e)
        {
            _folder?.Delete();
            if (OutputError.Of(target, e) is { } error)
            {
                throw error;
            }

            throw;
        }
    }

    /// <summary>The output, as the caller named it.</summary>
    public string Output => _shown;

    /// <summary>Where the model lies until it is published.</summary>
    public string ModelPath => _places.NewModel;

    /// <summary>Makes a file in the stage.</summary>
    public OutputFile Create(string name, long length) => new(Path.Combine(_places.New, name), length);

    /// <summary>
    /// Finishes or removes what runs that were ended have left for an output, so that either the old or the new state stands.
    /// </summary>
    public static void Recover(string target)
    {
        string full = Path.GetFullPath(target);
        try
        {
            foreach (string path in LockedFolder.Find(Path.GetDirectoryName(full)!, Prefix(Path.GetFileName(full)), Suffix))
            {
                Take(path, full);
            }
        }
        catch (Exception e) when (OutputError.Of(target, e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Gives all files their names, the model last, and then removes data files that only the replaced model used.</summary>
    /// <param name="inUse">Paths of files that are open and must stay; null to remove none.</param>
    /// <exception cref="BadInputException">It cannot be done; all is as it was.</exception>
    public void Publish(IReadOnlyList<string>? inUse = null)
    {
        lock (_folder.Gate)
        {
            if (_folder.IsGone)
            {
                throw new OperationCanceledException();
            }

            string[] stale = [];
            try
            {
                string[] data = _places.DataFiles();
                stale = inUse is null ? [] : StaleData.Of(_places.Model, data, inUse);
                if (stale.Length > 0)
                {
                    WriteStep.Reach("note");
                    File.WriteAllLines(_places.Stale, stale);
                }

                FolderSync.Flush(_places.New);
                PublishFiles(data);
                FolderSync.Flush(_places.Target);
                if (!StaleData.Remove(_places.Target, stale))
                {
                    _folder.Leave();
                }
            }
            catch (Exception e)
            {
                if (stale.Length > 0 && !File.Exists(_places.NewModel))
                {
                    // The new model stands, but perhaps not on the disk yet: what the old one needs is the next run's to remove.
                    _folder.Leave();
                }

                if (OutputError.Of(_shown, e) is { } error)
                {
                    throw error;
                }

                throw;
            }

            _folder.Delete(_places.Mark);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(_places.Mark);

    private void PublishFiles(string[] data)
    {
        if (data.Length == 0)
        {
            _places.MoveModel();
            return;
        }

        WriteStep.Reach("create folder");
        Directory.CreateDirectory(_places.Old);
        _folder.IsNeeded = true;
        try
        {
            WriteStep.Reach("mark");
            File.OpenHandle(_places.Mark, FileMode.CreateNew, FileAccess.Write).Dispose();
            FolderSync.Flush(_folder.Path);
            _places.Forward();
            _folder.IsNeeded = false;
        }
        catch
        {
            _folder.IsNeeded = !_places.Back(data);
            throw;
        }
    }

    private void ClearOthers(string full)
    {
        for (int look = 1; ; look++)
        {
            string? busy = null;
            foreach (string path in LockedFolder.Find(_places.Target, Prefix(Path.GetFileName(full)), Suffix))
            {
                busy = path == _folder.Path || Take(path, full) ? busy : path;
            }

            if (busy is null)
            {
                return;
            }

            if (look == LooksAtOthers)
            {
                throw new BadInputException(
                    ErrorCode.Output, $"{Text.Name(_shown)}: another process is writing it now; wait for it, or give another name (if there is none, delete the folder {Text.Name(busy)})");
            }

            // It may be about to end, or be removing leftovers.
            Thread.Sleep(LookAgain);
        }
    }

    private static bool Take(string path, string full)
    {
        if (LockedFolder.TryTake(path) is not { } taken)
        {
            return !Directory.Exists(path);
        }

        var places = new Places(path, Path.GetDirectoryName(full)!, Path.GetFileName(full));
        try
        {
            if (places.IsToBeFinished())
            {
                places.Forward();
                FolderSync.Flush(places.Target);
            }

            // The new model has its name already.
            if (File.Exists(places.Stale) && !File.Exists(places.NewModel))
            {
                FolderSync.Flush(places.Target);
                _ = StaleData.Remove(places.Target, File.ReadAllLines(places.Stale));
            }
        }
        catch
        {
            taken.Leave();
            throw;
        }

        taken.Delete(places.Mark);
        return true;
    }

    private static string Prefix(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) > LongestName)
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8));
            int kept = name.Length;
            while (Encoding.UTF8.GetByteCount(name.AsSpan(0, kept)) > KeptOfLongName)
            {
                kept--;
            }

            name = $"{name[..kept]}~{hash}";
        }

        return $".{name}.";
    }

    /// <summary>The paths of one stage, and the moves between them. Each may be done again from wherever it was ended.</summary>
    private sealed class Places(string folder, string target, string name)
    {
        public string New { get; } = Path.Combine(folder, OutputStage.New);

        public string Old { get; } = Path.Combine(folder, OutputStage.Old);

        public string Mark { get; } = Path.Combine(folder, OutputStage.Mark);

        public string Stale { get; } = Path.Combine(folder, OutputStage.Stale);

        public string Target => target;

        public string NewModel => Path.Combine(New, name);

        public string Model => Path.Combine(target, name);

        private string OldModel => Path.Combine(Old, name);

        public string[] DataFiles() =>
            [.. Directory.GetFiles(New).Select(f => Path.GetFileName(f)!).Where(f => f != name).Order(StringComparer.Ordinal)];

        public bool IsToBeFinished()
        {
            bool another = File.Exists(Model)
                && (File.Exists(OldModel) || File.GetLastWriteTimeUtc(Model) > File.GetLastWriteTimeUtc(Mark));
            return File.Exists(Mark) && File.Exists(NewModel) && !another;
        }

        public void MoveModel()
        {
            WriteStep.Reach("rename");
            File.Move(NewModel, Model, overwrite: true);
        }

        public void Forward()
        {
            string[] data = DataFiles();
            if (Path.Exists(Model) && data.Any(file => Path.Exists(Path.Combine(target, file))))
            {
                Move(Model, OldModel);
            }

            foreach (string file in data)
            {
                if (Path.Exists(Path.Combine(target, file)))
                {
                    Move(Path.Combine(target, file), Path.Combine(Old, file));
                }

                Move(Path.Combine(New, file), Path.Combine(target, file));
            }

            FolderSync.Flush(target);
            MoveModel();
        }

        /// <summary>Undoes <see cref="Forward"/>; false where that cannot be done either.</summary>
        public bool Back(string[] data)
        {
            try
            {
                foreach (string file in data.Reverse())
                {
                    if (!Path.Exists(Path.Combine(New, file)))
                    {
                        Move(Path.Combine(target, file), Path.Combine(New, file));
                    }

                    if (Path.Exists(Path.Combine(Old, file)))
                    {
                        Move(Path.Combine(Old, file), Path.Combine(target, file));
                    }
                }

                if (Path.Exists(OldModel))
                {
                    Move(OldModel, Model);
                }

                FolderSync.Flush(target);
                WriteStep.Reach("delete");
                File.Delete(Mark);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The mark stays: the next run finishes. The error that led here says more than this one.
                return false;
            }
        }

        private static void Move(string from, string to)
        {
            WriteStep.Reach("rename");
            File.Move(from, to, overwrite: true);
        }
    }
}
