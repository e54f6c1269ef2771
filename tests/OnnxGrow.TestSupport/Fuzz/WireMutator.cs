using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Changes a protobuf message below the level at which it is a message: what no encoder writes and any file may hold.</summary>
internal static class WireMutator
{
    /// <summary>Makes a number of changes; where one cannot be made (the bytes are no message any more), bytes are damaged.</summary>
    public static byte[] Mutate(byte[] bytes, MessageDescriptor message, IEnumerable<SplitMix64> changes)
    {
        foreach (SplitMix64 r in changes)
        {
            bytes = Once(bytes, message, r);
        }

        return bytes;
    }

    private static byte[] Once(byte[] bytes, MessageDescriptor message, SplitMix64 r)
    {
        if (r.Int(0, 9) == 0)
        {
            return Hostile.Damage(bytes, r);
        }

        List<WireField> root;
        try
        {
            root = WireField.Parse(ByteString.CopyFrom(bytes), message);
        }
        catch (InvalidProtocolBufferException)
        {
            return Hostile.Damage(bytes, r);
        }

        if (root.Count == 0)
        {
            return Hostile.Bytes(r, r.Int(0, 40));
        }

        Change(root, r);
        return WireField.Write(root);
    }

    private static void Change(List<WireField> root, SplitMix64 r)
    {
        List<WireField> siblings = Walk(root, r);
        int at = r.Int(0, siblings.Count - 1);
        WireField field = siblings[at];
        switch (r.Int(0, 15))
        {
            case 0:
                siblings.RemoveAt(at);
                break;
            case 1:
                siblings.InsertRange(r.Int(0, siblings.Count), Enumerable.Range(0, r.Pick(1, 1, 2, 300)).Select(_ => field.Copy()));
                break;
            case 2:
                siblings.RemoveAt(at);
                siblings.Insert(r.Int(0, siblings.Count), field);
                break;
            case 3:
                field.LengthLie = r.Pick(1, -1, 2, 100, int.MaxValue, 1L << 31, 1L << 32, 1L << 62, long.MaxValue, -100);
                break;
            case 4:
                field.Overlong = r.Int(2, 12);
                break;
            case 5:
                field.Type = (uint)r.Int(0, 7);
                break;
            case 6:
                field.Number = r.Pick(0u, 1u, (uint)r.Int(1, 30), 1000u, 19000u, (1u << 29) - 1, (uint)r.Next());
                break;
            case 7:
                Group(siblings, at, r);
                break;
            case 8:
                siblings.Insert(r.Int(0, siblings.Count), Unknown(r));
                break;
            case 9:
                field.Value = r.Coin() ? (ulong)Hostile.Number(r) : field.Value ^ (1UL << r.Int(0, 63));
                break;
            case 10:
                (field.Bytes, field.Children) = (Text(r), null);
                break;
            case 11:
                Nest(field, r);
                break;
            case 12:
                List<WireField> other = Walk(root, r);
                siblings[at] = other[r.Int(0, other.Count - 1)].Copy();
                break;
            case 13:
                field.Raw = Hostile.Damage(WireField.Write([field]), r);
                break;
            case 14:
                Repack(siblings, at, r);
                break;
            default:
                (field.Bytes, field.Children) = (Hostile.Damage(field.Children is null ? field.Bytes : WireField.Write(field.Children), r), null);
                break;
        }
    }

    // Down by chance, so that the few fields near the root are met as often as the many far from it.
    private static List<WireField> Walk(List<WireField> root, SplitMix64 r)
    {
        List<WireField> here = root;
        while (r.Int(0, 4) > 0)
        {
            List<WireField>? next = here[r.Int(0, here.Count - 1)].Children;
            if (next is not { Count: > 0 })
            {
                break;
            }

            here = next;
        }

        return here;
    }

    private static void Group(List<WireField> siblings, int at, SplitMix64 r)
    {
        uint number = (uint)r.Int(1, 40);
        int depth = r.Pick(1, 2, 20, 99, 101, 500, 100_000);
        if (r.Coin())
        {
            siblings[at] = new WireField { Number = number, Type = 3, Children = [siblings[at]] };
            return;
        }

        using var stream = new MemoryStream();
        for (int i = 0; i < depth; i++)
        {
            WireField.Varint(stream, (number << 3) | 3);
        }

        int ends = r.Pick(depth, depth, depth - 1, depth + 1, 0);
        for (int i = 0; i < ends; i++)
        {
            WireField.Varint(stream, ((r.Int(0, 200) == 0 ? number + 1 : number) << 3) | 4);
        }

        siblings.Insert(at, new WireField { Raw = stream.ToArray() });
    }

    private static WireField Unknown(SplitMix64 r) => new()
    {
        Number = (uint)r.Pick(r.Int(1, 60), r.Int(1, 60), r.Int(1, 100_000)), Type = (uint)r.Int(0, 5), Value = (ulong)Hostile.Number(r), Bytes = Text(r),
    };

    private static byte[] Text(SplitMix64 r) => r.Int(0, 3) switch
    {
        0 => [],
        1 => Hostile.Bytes(r, r.Pick(1, 8, 300)),
        2 => r.Pick<byte[]>([0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]),
        _ => System.Text.Encoding.UTF8.GetBytes(Hostile.Name(r)),
    };

    // A message within itself: graphs in graphs, types in types.
    private static void Nest(WireField field, SplitMix64 r)
    {
        if (field.Children is null)
        {
            return;
        }

        byte[] bytes = WireField.Write(field.Children);
        int depth = bytes.Length > 1000 ? r.Int(1, 4) : r.Pick(1, 5, 60, 120, 1000);
        for (int i = 0; i < depth; i++)
        {
            bytes = WireField.Write([.. field.Children.Take(1), new WireField { Number = field.Number, Type = 2, Bytes = bytes }]);
            bytes = bytes.Length > 4 << 20 ? bytes[..(4 << 20)] : bytes;
        }

        (field.Bytes, field.Children) = (bytes, null);
    }

    // Packed numbers one by one, and single ones packed: readers must take both.
    private static void Repack(List<WireField> siblings, int at, SplitMix64 r)
    {
        WireField field = siblings[at];
        if (field.Type == 0)
        {
            using var stream = new MemoryStream();
            WireField.Varint(stream, field.Value);
            (field.Type, field.Bytes) = (2, stream.ToArray());
        }
        else if (field is { Type: 2, Children: null })
        {
            siblings.RemoveAt(at);
            siblings.InsertRange(at, field.Bytes.Take(2000).Select(b => new WireField { Number = field.Number, Type = r.Pick(0u, 0u, 5u), Value = b }));
        }
    }
}
