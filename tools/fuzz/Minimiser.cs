using Google.Protobuf;
using Onnx;
using OnnxGrow.TestSupport.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>Makes an input smaller as long as the same goes wrong: by leaving changes out, then nodes and weights.</summary>
internal static class Minimiser
{
    private const int MostTries = 400;

    public static byte[] Smaller(FuzzMaker maker, FuzzTarget target, ulong seed, long number, FuzzInput input, string key)
    {
        using var reader = new FuzzReader(new FuzzLimits());
        if (reader.Read(input).Key != key)
        {
            return input.Bytes;
        }

        int without = 0;
        for (int i = 0; i < FuzzMaker.MaxChanges; i++)
        {
            FuzzInput fewer = maker.Make(target, seed, number, without | (1 << i));
            if (reader.Read(fewer).Key == key)
            {
                without |= 1 << i;
                input = fewer;
            }
        }

        return target == FuzzTarget.Model ? FewerNodes(reader, input, key) : input.Bytes;
    }

    private static byte[] FewerNodes(FuzzReader reader, FuzzInput input, string key)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(input.Bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return input.Bytes;
        }

        byte[] best = input.Bytes;
        int tries = 0;
        foreach (Func<ModelProto, System.Collections.IList> list in (Func<ModelProto, System.Collections.IList>[])[m => m.Graph?.Node!, m => m.Graph?.Initializer!, m => m.Functions])
        {
            if (list(model) is null)
            {
                continue;
            }

            for (int chunk = Math.Max(list(model).Count / 2, 1); chunk >= 1; chunk /= 2)
            {
                for (int at = list(model).Count - chunk; at >= 0 && tries < MostTries; at -= chunk)
                {
                    tries++;
                    ModelProto fewer = model.Clone();
                    for (int i = 0; i < chunk; i++)
                    {
                        list(fewer).RemoveAt(at);
                    }

                    byte[] bytes = fewer.ToByteArray();
                    if (reader.Read(new FuzzInput(input.Target, bytes)).Key == key)
                    {
                        (model, best) = (fewer, bytes);
                        at = Math.Min(at, list(model).Count);
                    }
                }
            }
        }

        return best;
    }
}
