using System.IO.Compression;
using Google.Protobuf;
using Onnx;
using OnnxGrow.Growth;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Grown models whose metadata was tampered with: the plan, the source graph, and how that is packed.</summary>
internal static class SkeletonMutator
{
    private const string NotesKey = "onnxgrow.tensors";

    public static byte[] Make(ModelProto grown, IReadOnlyList<string> dimensions, SplitMix64 draw, IEnumerable<SplitMix64> changes)
    {
        ModelProto model = grown.Clone();
        StringStringEntryProto graph = model.MetadataProps.Single(p => p.Key == PlanMetadata.SourceGraphKey);
        StringStringEntryProto plan = model.MetadataProps.Single(p => p.Key == PlanMetadata.PlanKey);
        SplitMix64[] all = [.. changes];
        switch (draw.Int(0, 9))
        {
            case 0:
                graph.Value = Characters(graph.Value, all);
                break;
            case 1:
                graph.Value = Convert.ToBase64String(Damaged(Convert.FromBase64String(graph.Value), all));
                break;
            case 2:
                plan.Value = System.Text.Encoding.UTF8.GetString(PlanMutator.Make(draw, dimensions, all));
                break;
            case 3:
                GraphMutator.Mutate(model, all);
                break;
            case 4:
                graph.Value = Pack(new byte[draw.Pick(0, 1, 1 << 16, 8 << 20)]);
                break;
            case 5 or 6:
                graph.Value = Pack(WireMutator.Mutate(Unpack(graph.Value), ModelProto.Descriptor, all));
                break;
            default:
                graph.Value = Pack(Changed(ModelProto.Parser.ParseFrom(Unpack(graph.Value)), draw, all));
                break;
        }

        return model.ToByteArray();
    }

    private static byte[] Changed(ModelProto skeleton, SplitMix64 draw, SplitMix64[] changes)
    {
        StringStringEntryProto notes = skeleton.MetadataProps.Single(p => p.Key == NotesKey);
        if (draw.Int(0, 2) == 0)
        {
            notes.Value = Notes(notes.Value, changes);
        }
        else
        {
            GraphMutator.Mutate(skeleton, changes);
        }

        return skeleton.ToByteArray();
    }

    private static string Notes(string text, SplitMix64[] changes)
    {
        List<string> notes = [.. text.Split(' ')];
        foreach (SplitMix64 r in changes)
        {
            int at = r.Int(0, notes.Count - 1);
            string sum = notes[at].Length > 2 ? notes[at][2..] : "";
            int other = r.Int(0, notes.Count - 1);
            switch (r.Int(0, 4))
            {
                case 0:
                    notes[at] = $"{r.Pick('k', 'u', 'l', 'g', 'p', 'r', 'q')}{r.Pick('r', 'f', 'd', 'x', '-', '?')}{sum}";
                    break;
                case 1:
                    (notes[at], notes[other]) = (notes[other], notes[at]);
                    break;
                case 2:
                    notes[at] = notes[other];
                    break;
                case 3:
                    notes[at] = Hostile.Name(r);
                    break;
                default:
                    notes[at] = r.Pick("k-", "kx", "kr", "u-", "l-", "g-");
                    break;
            }
        }

        return string.Join(' ', notes);
    }

    private static string Characters(string text, SplitMix64[] changes)
    {
        foreach (SplitMix64 r in changes)
        {
            int at = r.Int(0, text.Length);
            text = r.Int(0, 3) switch
            {
                0 => text[..at],
                1 => text[..at] + Hostile.Name(r) + text[at..],
                2 => text[at..],
                _ => text[..at] + r.Pick("=", "A", "/", "====", " \n ") + text[Math.Min(text.Length, at + 1)..],
            };
        }

        return text;
    }

    private static byte[] Damaged(byte[] bytes, SplitMix64[] changes)
    {
        foreach (SplitMix64 r in changes)
        {
            bytes = Hostile.Damage(bytes, r);
        }

        return bytes;
    }

    private static string Pack(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var brotli = new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(bytes);
        }

        return Convert.ToBase64String(stream.ToArray());
    }

    private static byte[] Unpack(string text)
    {
        using var brotli = new BrotliStream(new MemoryStream(Convert.FromBase64String(text)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        brotli.CopyTo(bytes);
        return bytes.ToArray();
    }
}
