using System.Text;

namespace OnnxGrow.MSBuild;

/// <summary>
/// What the build step has to know of an ONNX file: the data files that it names, and whether it was grown. Only the graph is
/// walked; weights are passed over without being read. Of a file that is no model nothing is known: the command says why.
/// </summary>
internal sealed class ModelFile
{
    private const int ExternalData = 13;
    private const int MetadataProps = 14;
    private const string GrownKey = "onnxgrow.tool";

    // Messages of onnx.proto that lead to a tensor: by message and field, the message that is there.
    private static readonly Dictionary<(Message Message, int Field), Message> Fields = new()
    {
        [(Message.Model, 7)] = Message.Graph,
        [(Message.Model, 25)] = Message.Function,
        [(Message.Model, MetadataProps)] = Message.Entry,
        [(Message.Graph, 1)] = Message.Node,
        [(Message.Graph, 5)] = Message.Tensor,
        [(Message.Function, 7)] = Message.Node,
        [(Message.Node, 5)] = Message.Attribute,
        [(Message.Attribute, 5)] = Message.Tensor,
        [(Message.Attribute, 6)] = Message.Graph,
        [(Message.Attribute, 10)] = Message.Tensor,
        [(Message.Attribute, 11)] = Message.Graph,
        [(Message.Tensor, ExternalData)] = Message.Entry,
    };

    private readonly SortedSet<string> _locations = new(StringComparer.Ordinal);
    private readonly FileStream _file;

    private ModelFile(FileStream file) => _file = file;

    private enum Message
    {
        Model,
        Graph,
        Function,
        Node,
        Attribute,
        Tensor,
        Entry,
    }

    /// <summary>Whether the file says that it was grown by OnnxGrow.</summary>
    public bool IsGrown { get; private set; }

    /// <summary>Full paths of the data files, those that are not there included.</summary>
    public IReadOnlyList<string> DataFiles { get; private set; } = [];

    /// <summary>Walks a file; where there is none, or it is no model, nothing is found.</summary>
    public static ModelFile Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 16 << 10);
            var model = new ModelFile(file);
            model.Walk(Message.Model, file.Length, 0);
            string folder = Path.GetDirectoryName(path)!;
            model.DataFiles = [.. model._locations.Select(l => Path.GetFullPath(Path.Combine(folder, l.Replace('\\', '/'))))];
            return model;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException)
        {
            return new ModelFile(null!);
        }
    }

    private void Walk(Message message, long end, int depth)
    {
        if (depth > 100)
        {
            throw new InvalidDataException();
        }

        while (_file.Position < end)
        {
            ulong tag = Varint();
            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    Varint();
                    break;
                case 1:
                    _file.Seek(8, SeekOrigin.Current);
                    break;
                case 5:
                    _file.Seek(4, SeekOrigin.Current);
                    break;
                case 2:
                    long length = (long)Varint();
                    long next = _file.Position + length;
                    if (length < 0 || next > end)
                    {
                        throw new InvalidDataException();
                    }

                    if (!Fields.TryGetValue((message, field), out Message inner))
                    {
                        _file.Seek(next, SeekOrigin.Begin);
                    }
                    else if (inner == Message.Entry)
                    {
                        Entry(message, next);
                    }
                    else
                    {
                        Walk(inner, next, depth + 1);
                    }

                    break;
                default:
                    throw new InvalidDataException();
            }
        }
    }

    // A key (1) and a value (2), in this order as every writer has it.
    private void Entry(Message of, long end)
    {
        string key = "";
        while (_file.Position < end)
        {
            ulong tag = Varint();
            long length = (tag & 7) == 2 ? (long)Varint() : throw new InvalidDataException();
            if (length < 0 || length > end - _file.Position)
            {
                throw new InvalidDataException();
            }

            bool wanted = tag >> 3 == 1 ? length <= 64 : of == Message.Tensor && key == "location";
            string text = "";
            if (wanted)
            {
                byte[] bytes = new byte[length];
                _file.ReadExactly(bytes);
                text = Encoding.UTF8.GetString(bytes);
            }
            else
            {
                _file.Seek(length, SeekOrigin.Current);
            }

            if (tag >> 3 == 1)
            {
                key = text;
                IsGrown |= of == Message.Model && key == GrownKey;
            }
            else if (wanted && text.Length > 0)
            {
                _locations.Add(text);
            }
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            int b = _file.ReadByte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return b >= 0 ? value : throw new InvalidDataException();
            }
        }

        throw new InvalidDataException();
    }
}
