using Google.Protobuf;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Tensors that are not what they say.</summary>
internal static class TensorMutations
{
    public static void Change(TensorProto tensor, SplitMix64 r)
    {
        switch (r.Int(0, 11))
        {
            case 0 or 1:
                Dims(tensor.Dims, r);
                break;
            case 2:
                tensor.DataType = r.Pick(r.Int(-2, 30), (int)Hostile.Number(r));
                break;
            case 3:
                tensor.RawData = ByteString.CopyFrom(Hostile.Damage(tensor.RawData.ToByteArray(), r));
                break;
            case 4:
                Typed(tensor, r);
                break;
            case 5:
                External(tensor, r);
                break;
            case 6:
                tensor.Segment = new TensorProto.Types.Segment { Begin = Hostile.Number(r), End = Hostile.Number(r) };
                break;
            case 7:
                Reshape(tensor, r);
                break;
            case 8 or 9:
                Values(tensor, r);
                break;
            case 10:
                Empty(tensor, r);
                break;
            default:
                tensor.Name = Hostile.Name(r);
                break;
        }
    }

    public static void Dims(IList<long> dims, SplitMix64 r)
    {
        int at = dims.Count == 0 ? 0 : r.Int(0, dims.Count - 1);
        switch (r.Int(0, 4))
        {
            case 0 when dims.Count > 0:
                dims.RemoveAt(at);
                break;
            case 1:
                dims.Insert(at, r.Pick(1, 0, Hostile.Number(r)));
                break;
            case 2 when dims.Count > 1:
                (dims[0], dims[at]) = (dims[at], dims[0]);
                break;
            case 3:
                for (int i = r.Pick(2, 8, 63, 65, 1000); i > 0; i--)
                {
                    dims.Add(1);
                }

                break;
            default:
                if (dims.Count > 0)
                {
                    dims[at] = Hostile.Number(r);
                }

                break;
        }
    }

    // Another shape of the same number of elements, so that no count gives the change away.
    private static void Reshape(TensorProto tensor, SplitMix64 r)
    {
        if (tensor.Dims.Count == 0 || tensor.Dims.Any(d => d is < 0 or > 1 << 20))
        {
            return;
        }

        long count = tensor.Dims.Aggregate(1L, (a, b) => unchecked(a * b));
        int first = r.Int(2, 8);
        tensor.Dims.Clear();
        tensor.Dims.AddRange(count % first == 0 ? r.Coin() ? [first, count / first] : [count / first, 1, first] : [count]);
    }

    // Without elements any other dim is right, however large.
    private static void Empty(TensorProto tensor, SplitMix64 r)
    {
        if (tensor.Dims.Count == 0)
        {
            return;
        }

        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.Int64Data.Clear();
        tensor.Dims[r.Int(0, tensor.Dims.Count - 1)] = 0;
        if (r.Coin())
        {
            tensor.Dims.Add(Hostile.Number(r));
        }
    }

    // Integers are the shapes, axes and positions of others.
    private static void Values(TensorProto tensor, SplitMix64 r)
    {
        byte[] raw = tensor.RawData.ToByteArray();
        int size = tensor.DataType is 7 or 11 or 13 ? 8 : 4;
        if (raw.Length >= size)
        {
            byte[] value = tensor.DataType is 1 ? BitConverter.GetBytes(Hostile.Float(r)) : BitConverter.GetBytes(Hostile.Number(r))[..size];
            value.CopyTo(raw, r.Int(0, (raw.Length / size) - 1) * size);
            tensor.RawData = ByteString.CopyFrom(raw);
        }
        else if (tensor.Int64Data.Count > 0)
        {
            tensor.Int64Data[r.Int(0, tensor.Int64Data.Count - 1)] = Hostile.Number(r);
        }
    }

    private static void Typed(TensorProto tensor, SplitMix64 r)
    {
        int count = Math.Min(tensor.RawData.Length / r.Pick(1, 4, 8), 5000);
        if (r.Coin())
        {
            tensor.ClearRawData();
        }

        switch (r.Int(0, 4))
        {
            case 0:
                tensor.FloatData.AddRange(Enumerable.Repeat(Hostile.Float(r), count));
                break;
            case 1:
                tensor.Int32Data.AddRange(Enumerable.Repeat((int)Hostile.Number(r), count));
                break;
            case 2:
                tensor.Int64Data.AddRange(Enumerable.Repeat(Hostile.Number(r), count));
                break;
            case 3:
                tensor.DoubleData.AddRange(Enumerable.Repeat((double)Hostile.Float(r), count));
                break;
            default:
                tensor.StringData.Add(ByteString.CopyFrom(Hostile.Bytes(r, 5)));
                break;
        }
    }

    private static void External(TensorProto tensor, SplitMix64 r)
    {
        tensor.DataLocation = r.Int(0, 4) == 0 ? (TensorProto.Types.DataLocation)r.Int(0, 5) : TensorProto.Types.DataLocation.External;
        if (r.Coin())
        {
            tensor.ClearRawData();
        }

        foreach (string key in r.Pick<string[]>([], ["location"], ["location", "offset", "length"], ["location", "location"], ["offset"]))
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = ExternalMutator.Value(key, r) });
        }
    }
}
