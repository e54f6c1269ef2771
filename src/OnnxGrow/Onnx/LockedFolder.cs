using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>
/// A folder for what is not finished, which belongs to this process as long as it holds the lock in it. The system gives
/// the lock back when the process ends, however it ends: a folder whose lock is free is left over. Unlike a process
/// number, a lock is not taken by another process later and holds between containers too.
/// </summary>
internal sealed class LockedFolder : IDisposable
{
    private const string LockName = "lock";
    private const int RandomDigits = 8;
    private const int Attempts = 8;
    private const int PatienceInMilliseconds = 200;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");
    private static readonly Lock AllGate = new();
    private static readonly HashSet<LockedFolder> All = [];

    private SafeFileHandle? _handle;

    private LockedFolder(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Held while the folder must not be removed by another thread.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether what it holds is needed by the next run, so that it must not be removed.</summary>
    public bool IsNeeded { get; set; }

    /// <summary>Whether it was removed, or given up.</summary>
    public bool IsGone => _handle is null;

    /// <summary>Makes a folder with a name of its own.</summary>
    public static LockedFolder Create(string parent, string prefix, string suffix)
    {
        for (int attempt = 1; ; attempt++)
        {
            string random = RandomNumberGenerator.GetInt32(int.MaxValue).ToString("x8", CultureInfo.InvariantCulture);
            string path = System.IO.Path.Combine(parent, prefix + random + suffix);
            WriteStep.Reach("create folder");
            Directory.CreateDirectory(path);
            try
            {
                WriteStep.Reach("create lock");
                var made = new LockedFolder(path, File.OpenHandle(System.IO.Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None));
                lock (AllGate)
                {
                    All.Add(made);
                }

                return made;
            }
            catch (IOException) when (attempt < Attempts && !IsOnlyFolder(path))
            {
                // Another run took the folder for a leftover in the moment before it was locked.
            }
            catch
            {
                Ignore(() => Remove(path));
                throw;
            }
        }
    }

    /// <summary>Folders of one prefix and suffix, in the order of their names.</summary>
    public static string[] Find(string parent, string prefix, string suffix)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(parent)
                    .Where(path => IsOurs(System.IO.Path.GetFileName(path), prefix, suffix) && new DirectoryInfo(path).LinkTarget is null)
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>
    /// Takes over a folder whose process ended; null where it is in use. It counts as in use too where the file system
    /// has no locks, since then nothing tells.
    /// </summary>
    public static LockedFolder? TryTake(string path)
    {
        string file = System.IO.Path.Combine(path, LockName);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            if (Excludes(file))
            {
                return new LockedFolder(path, handle);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }

        handle?.Dispose();
        return null;
    }

    /// <summary>Removes every folder that this process made; for a process that is about to end.</summary>
    public static void DeleteAll()
    {
        LockedFolder[] all;
        lock (AllGate)
        {
            all = [.. All];
        }

        foreach (LockedFolder folder in all)
        {
            // A folder whose files are being given their names: that takes a moment, or a disk that does not answer.
            if (folder.Gate.TryEnter(PatienceInMilliseconds))
            {
                try
                {
                    folder.Delete();
                }
                finally
                {
                    folder.Gate.Exit();
                }
            }
        }
    }

    /// <summary>
    /// Removes the folder, <paramref name="first"/> first, unless the next run needs it. What cannot be removed is left for
    /// that run too, which finds it by its name.
    /// </summary>
    public void Delete(string? first = null)
    {
        if (IsGone || IsNeeded)
        {
            Leave();
            return;
        }

        Ignore(() =>
        {
            if (first is not null)
            {
                WriteStep.Reach("delete");
                File.Delete(first);
            }

            foreach (string entry in Directory.GetFileSystemEntries(Path))
            {
                if (System.IO.Path.GetFileName(entry) != LockName)
                {
                    Remove(entry);
                }
            }

            Leave();
            WriteStep.Reach("delete");
            File.Delete(System.IO.Path.Combine(Path, LockName));
            WriteStep.Reach("delete");
            Directory.Delete(Path);
        });
        Leave();
    }

    /// <summary>Gives the lock back and leaves the folder to the next run.</summary>
    public void Leave()
    {
        _handle?.Dispose();
        _handle = null;
        lock (AllGate)
        {
            All.Remove(this);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Delete();

    private static void Remove(string entry)
    {
        if (Directory.Exists(entry) && new DirectoryInfo(entry).LinkTarget is null)
        {
            Directory.GetFileSystemEntries(entry).ToList().ForEach(Remove);
            WriteStep.Reach("delete");
            Directory.Delete(entry);
        }
        else
        {
            WriteStep.Reach("delete");
            File.Delete(entry);
        }
    }

    private static bool Excludes(string file)
    {
        try
        {
            File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool IsOurs(string name, string prefix, string suffix) =>
        name.Length == prefix.Length + RandomDigits + suffix.Length
        && name.StartsWith(prefix, StringComparison.Ordinal)
        && name.EndsWith(suffix, StringComparison.Ordinal)
        && name.AsSpan(prefix.Length, RandomDigits).IndexOfAnyExcept(Digits) < 0;

    // Whether making the lock failed for another reason than that someone else has made one.
    private static bool IsOnlyFolder(string path) => Directory.Exists(path) && !File.Exists(System.IO.Path.Combine(path, LockName));

    private static void Ignore(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
