using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Styles;

/// <summary>Random inputs as the manifest describes them.</summary>
internal static class Inputs
{
    public static List<(string Name, OrtValue Value)> Make(JsonElement inputs, Dictionary<string, long> symbols, Random random)
    {
        var made = new List<(string, OrtValue)>();
        foreach (JsonElement input in inputs.EnumerateArray())
        {
            long[] dims = [.. input.GetProperty("dims").EnumerateArray().Select(d => d.ValueKind == JsonValueKind.Number ? d.GetInt64() : Sum(d.GetString()!, symbols))];
            int count = (int)dims.Aggregate(1L, (a, b) => a * b);
            double[] values = Values(input, dims, count, symbols, random);
            made.Add((input.GetProperty("name").GetString()!, input.GetProperty("dtype").GetString() switch
            {
                "float32" => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (float)v), dims),
                "int64" => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (long)v), dims),
                "int32" => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (int)v), dims),
                "bool" => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => v != 0), dims),
                string other => throw new InvalidDataException("data type " + other),
                null => throw new InvalidDataException("no data type"),
            }));
        }

        return made;
    }

    private static double[] Values(JsonElement input, long[] dims, int count, Dictionary<string, long> symbols, Random random)
    {
        var values = new double[count];
        string fill = input.GetProperty("fill").GetString()!;
        long last = dims.Length > 0 ? dims[^1] : 1;
        switch (fill)
        {
            case "integers": // of [min, max]
                long min = input.GetProperty("min").GetInt64(), max = input.GetProperty("max").GetInt64();
                for (int i = 0; i < count; i++)
                {
                    values[i] = random.NextInt64(min, max + 1);
                }

                break;
            case "uniform": // of [min, max)
                double from = input.GetProperty("min").GetDouble(), to = input.GetProperty("max").GetDouble();
                for (int i = 0; i < count; i++)
                {
                    values[i] = from + (to - from) * random.NextDouble();
                }

                break;
            case "ones":
                Array.Fill(values, 1);
                break;
            case "mask": // each row ones, then zeros: padding on the right
                for (long row = 0; row < count / Math.Max(1, last); row++)
                {
                    long length = row == 0 ? last : random.NextInt64(1, last + 1);
                    values.AsSpan((int)(row * last), (int)length).Fill(1);
                }

                break;
            case "positions": // each row past, past + 1, ...
                for (int i = 0; i < count; i++)
                {
                    values[i] = Sum("past", symbols) + i % last;
                }

                break;
            case "value": // the value of a symbol
                Array.Fill(values, Sum(input.GetProperty("value").GetString()!, symbols));
                break;
            default:
                throw new InvalidDataException("fill " + fill);
        }

        return values;
    }

    private static long Sum(string text, Dictionary<string, long> symbols) =>
        text.Split('+').Sum(part => long.TryParse(part, out long number) ? number : symbols.GetValueOrDefault(part.Trim()));
}
