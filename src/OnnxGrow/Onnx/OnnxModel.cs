using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>
/// An ONNX model whose graph is in memory and whose weights are references: to a range of the file they came from, or
/// to a <see cref="TensorData"/> that gives them when they are written. Reading its message is safe from several
/// threads, changing it is not.
/// </summary>
/// <remarks>
/// A tensor of <see cref="Proto"/> may hold a private number in place of its elements: use <see cref="DataOf"/> to read
/// them, <see cref="SetData"/> to replace them, and <see cref="Save(string, SaveOptions?)"/> or <see cref="ToBytes"/> to write the model.
/// </remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly PayloadTable payloads;
    private readonly ExternalFolder? folder;
    private readonly TensorSource source;
    private bool disposed;

    private OnnxModel(ModelProto proto, string? path, PayloadTable payloads, ExternalFolder? folder, ReadLimits limits)
    {
        Proto = proto;
        Limits = limits;
        SourcePath = path;
        this.payloads = payloads;
        this.folder = folder;
        source = new TensorSource(path, payloads, folder);
    }

    /// <summary>The model as a message. It may be changed.</summary>
    public ModelProto Proto { get; }

    /// <summary>The file that the model was read from; null when it was made in memory.</summary>
    public string? SourcePath { get; }

    /// <summary>What the model was allowed to ask of the machine, and its graph still is when it is prepared for growth.</summary>
    public ReadLimits Limits { get; }

    /// <summary>What <see cref="Proto"/> refers to.</summary>
    internal PayloadTable Payloads => payloads;

    /// <summary>
    /// Opens a model. Only its graph is read, so that a model of any size opens at once. The file must not be changed
    /// while the model is open; replacing it is safe.
    /// </summary>
    /// <exception cref="BadInputException">
    /// The file is missing, not a whole ONNX model, beyond the limits, or a tensor's data is not what its shape says.
    /// </exception>
    public static OnnxModel Open(string path, ReadLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= ReadLimits.Default;
        var payloads = new PayloadTable();
        try
        {
            ModelProto proto = ModelReader.Read(path, limits, payloads, out ExternalFolder folder);
            return new OnnxModel(proto, path, payloads, folder, limits);
        }
        catch
        {
            payloads.RemoveUser();
            throw;
        }
    }

    /// <summary>Reads a model from bytes of unknown origin, with all checks of <see cref="Open"/>.</summary>
    /// <param name="bytes">The model, in one piece.</param>
    /// <param name="name">What the bytes are, for messages.</param>
    /// <param name="limits">What is refused; null for the default.</param>
    /// <exception cref="BadInputException">They are no whole ONNX model, or beyond the limits.</exception>
    internal static OnnxModel FromBytes(byte[] bytes, string name, ReadLimits? limits = null) =>
        new(ModelReader.Read(bytes, name, limits ?? ReadLimits.Default), null, new PayloadTable(), null, limits ?? ReadLimits.Default);

    /// <summary>Takes over a message made in memory. Its elements stay where they are in it.</summary>
    public static OnnxModel FromProto(ModelProto proto)
    {
        ProtoTensors.Visit(proto, (tensor, _) =>
        {
            if (tensor.HasPayload)
            {
                throw new ArgumentException(
                    $"tensor '{Text.Name(tensor.Name)}' refers to the data of another model; use {nameof(Clone)} of that model", nameof(proto));
            }
        });
        return new OnnxModel(proto, null, new PayloadTable(), null, ReadLimits.Default);
    }

    /// <summary>The elements of a tensor of this model, wherever they are. They are read when asked for.</summary>
    /// <exception cref="BadInputException">They are not there, or not what shape and type say; it names the tensor.</exception>
    public TensorData DataOf(TensorProto tensor) => source.DataOf(tensor);

    /// <summary>Checks that a tensor has the elements that its shape speaks of, without reading them; those outside the message were checked when it was read.</summary>
    /// <exception cref="BadInputException">It has others; it names the tensor.</exception>
    internal void CheckInline(TensorProto tensor) => source.CheckInline(tensor);

    /// <summary>
    /// Replaces the elements of a tensor by a reference to others, which are read when the model is written. Its data
    /// type becomes theirs; its dims are the caller's to set.
    /// </summary>
    public void SetData(TensorProto tensor, TensorData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        bool external = TensorSource.IsExternal(tensor)
            || (tensor.HasPayload && payloads.Find(tensor.Payload) is { WasExternal: true });
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.Int32Data.Clear();
        tensor.StringData.Clear();
        tensor.Int64Data.Clear();
        tensor.DoubleData.Clear();
        tensor.Uint64Data.Clear();
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
        tensor.Segment = null;
        tensor.DataType = (int)data.ElementType;
        tensor.Payload = payloads.Add(new Payload(data, TensorProto.RawDataFieldNumber, external));
    }

    /// <summary>A copy of the message that refers to the same data. The files stay open until both are disposed.</summary>
    public OnnxModel Clone()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        payloads.AddUser();
        return new OnnxModel(Proto.Clone(), SourcePath, payloads, folder, Limits);
    }

    /// <summary>An empty graph whose tensors may refer to the same data.</summary>
    internal OnnxModel WithoutGraph()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        payloads.AddUser();
        return new OnnxModel(new ModelProto { Graph = new GraphProto() }, SourcePath, payloads, folder, Limits);
    }

    /// <summary>
    /// Writes the model, and where it has one the file with its weights beside it, whole or not at all; the model last.
    /// Tensors stay in the form they were in. Writing over the model's own file is safe.
    /// </summary>
    /// <exception cref="BadInputException">The file cannot be written, or a tensor's data does not suit its shape.</exception>
    public void Save(string path, SaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ModelWriter.Save(Proto, source, path, options ?? new SaveOptions(), OpenFiles);
    }

    /// <summary>Writes the model and its data files to a stage, from where they are published when they are proved.</summary>
    internal void Save(OutputStage stage, SaveOptions options) => ModelWriter.Save(Proto, source, stage, options);

    /// <summary>Where everything goes when the model is written under a name.</summary>
    internal ModelLayout LayOut(string path, SaveOptions options) => ModelWriter.LayOut(Proto, source, path, options);

    /// <summary>The names of the data files that <see cref="Save(string, SaveOptions?)"/> writes beside the model.</summary>
    internal string[] DataFilesOf(string path, SaveOptions options) => [.. ModelWriter.LayOut(Proto, source, path, options).DataNames];

    /// <summary>The files, without symbolic links, that the model's data is read from.</summary>
    internal IReadOnlyList<string> OpenFiles => payloads.Files;

    /// <summary>The whole model as one message, external data included.</summary>
    /// <exception cref="BadInputException">It is larger than protobuf allows (2 GiB - 1).</exception>
    public byte[] ToBytes()
    {
        OutputPlan plan = ModelWriter.Inline(Proto, source);
        if (plan.Length > Array.MaxLength)
        {
            throw ModelWriter.TooLarge(SourcePath is null ? "a model in memory" : Text.Name(SourcePath), plan.Length);
        }

        byte[] bytes = new byte[plan.Length];
        plan.Write((offset, block) => block.CopyTo(bytes.AsSpan((int)offset)), new SaveOptions());
        return bytes;
    }

    /// <summary>The exact length of the model as one message, external data included.</summary>
    public long InlineSize() => ModelWriter.Inline(Proto, source).Length;

    /// <summary>Closes the files, unless a clone still uses them.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            payloads.RemoveUser();
        }
    }
}
