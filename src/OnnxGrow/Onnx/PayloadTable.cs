using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>The elements of one tensor outside the message.</summary>
/// <param name="Data">The elements; of type UInt8 where they are bytes whose type the tensor says.</param>
/// <param name="Field">The field of TensorProto that they are written in: raw_data, float_data or double_data.</param>
/// <param name="WasExternal">Whether the tensor they replace was in a file beside the model.</param>
internal sealed record Payload(TensorData Data, int Field, bool WasExternal);

/// <summary>
/// The payloads and files behind a model and its clones. It only grows, so that a tensor copied from one clone to
/// another keeps its data; the files are closed when the last model that uses them is disposed.
/// </summary>
internal sealed class PayloadTable
{
    private readonly Lock gate = new();
    private readonly List<Payload> payloads = [];
    private readonly Dictionary<string, DataFile> files = new(StringComparer.Ordinal);
    private int users = 1;

    /// <summary>Adds a payload and gives what <see cref="TensorProto.Payload"/> must be to refer to it.</summary>
    public long Add(Payload payload)
    {
        lock (gate)
        {
            payloads.Add(payload);
            return payloads.Count;
        }
    }

    /// <summary>The payload of a tensor; null where the number is not one of this table.</summary>
    public Payload? Find(long reference)
    {
        lock (gate)
        {
            return reference >= 1 && reference <= payloads.Count ? payloads[(int)reference - 1] : null;
        }
    }

    /// <summary>Gives the file at a path, the same one every time; <paramref name="find"/> checks it the first time.</summary>
    public DataFile File(string key, Func<DataFile> find)
    {
        lock (gate)
        {
            if (!files.TryGetValue(key, out DataFile? file))
            {
                file = find();
                files.Add(key, file);
            }

            return file;
        }
    }

    /// <summary>The paths, without symbolic links, of all files.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            lock (gate)
            {
                return [.. files.Values.Select(file => file.RealPath)];
            }
        }
    }

    public void AddUser() => Interlocked.Increment(ref users);

    public void RemoveUser()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            lock (gate)
            {
                foreach (DataFile file in files.Values)
                {
                    file.Dispose();
                }
            }
        }
    }
}
