using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OnnxGrow.Training.Runs;

/// <summary>What happened in a step, as a line of the log says it.</summary>
public sealed record LogEntry
{
    /// <summary>The step, 1 for the first; 0 for what was before it.</summary>
    public required long Step { get; init; }

    /// <summary>The mean training loss of the step's batches; null where the line is of an evaluation.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate.</summary>
    public double? Rate { get; init; }

    /// <summary>The norm of all gradients, before clipping.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Seconds of the run so far, of all its parts together.</summary>
    public double? Seconds { get; init; }

    /// <summary>Entries that counted so far: tokens, or images.</summary>
    public long? Entries { get; init; }

    /// <summary>True where the step changed nothing, because its gradients overflowed; null for others.</summary>
    public bool? Skipped { get; init; }

    /// <summary>The loss on the validation data.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The part of the validation data that is predicted right.</summary>
    public double? ValidationAccuracy { get; init; }
}

/// <summary>The log of a run: a JSON object a line. Carrying on a run takes lines off that its checkpoint does not know of.</summary>
public sealed class TrainingLog : IDisposable
{
    private const int LongestLine = 1 << 16;

    private readonly FileStream _stream;

    private TrainingLog(FileStream stream) => _stream = stream;

    /// <summary>Opens the log of a run.</summary>
    /// <param name="path">The file; made where it is not there.</param>
    /// <param name="from">The step that the run is carried on from: later lines are taken off.</param>
    public static TrainingLog Open(string path, long from)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            stream.SetLength(EndOf(stream, from));
            stream.Seek(0, SeekOrigin.End);
            return new TrainingLog(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a log.</summary>
    /// <exception cref="BadInputException">A line is no such object.</exception>
    public static IReadOnlyList<LogEntry> Read(string path)
    {
        var entries = new List<LogEntry>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            try
            {
                entries.Add(Parse(line));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new BadInputException(ErrorCode.Run, FormattableString.Invariant($"log '{Text.Name(path)}', line {number}: not a step of a run: {Text.Name(e.Message)}"), e);
            }
        }

        return entries;
    }

    /// <summary>Reads a log line by line, also one that a run is still writing to: a last line that is cut off is left out.</summary>
    /// <exception cref="BadInputException">Another line is no such object, or is longer than one can be.</exception>
    public static IEnumerable<LogEntry> Stream(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        long number = 0;
        while (ReadLine(reader, path) is { } line)
        {
            number++;
            LogEntry entry;
            try
            {
                entry = Parse(line);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                if (number > 1 && reader.EndOfStream)
                {
                    yield break;
                }

                throw new BadInputException(ErrorCode.Run, FormattableString.Invariant(
                    $"'{Text.Name(path)}', line {number}: not a step of a run: {Text.Name(e.Message)}; a log is what 'onnxgrow train' writes, a JSON object with 'step' a line"), e);
            }

            yield return entry;
        }
    }

    /// <summary>Adds a line.</summary>
    public void Write(LogEntry entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("step", entry.Step);
            Number(json, "loss", entry.Loss);
            Number(json, "lr", entry.Rate);
            Number(json, "grad_norm", entry.GradientNorm);
            Number(json, "validation_loss", entry.ValidationLoss);
            Number(json, "validation_accuracy", entry.ValidationAccuracy);
            Number(json, "seconds", entry.Seconds is { } s ? Math.Round(s, 3) : null);
            if (entry.Entries is { } entries)
            {
                json.WriteNumber("entries", entries);
            }

            if (entry.Skipped == true)
            {
                json.WriteBoolean("skipped", true);
            }

            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            // JSON has no NaN; the run stops there, and the log says why.
            if (double.IsFinite(number))
            {
                json.WriteNumber(name, number);
            }
            else
            {
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Where the lines of steps up to one end; a line that was cut off when the process ended goes too.</summary>
    private static long EndOf(FileStream stream, long step)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false), false, 1 << 16, leaveOpen: true);
        string text = reader.ReadToEnd();
        long end = 0;
        for (int start = 0; text.IndexOf('\n', start) is >= 0 and var newline; start = newline + 1)
        {
            try
            {
                if (Parse(text[start..newline]).Step > step)
                {
                    break;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                break;
            }

            end += Encoding.UTF8.GetByteCount(text.AsSpan(start, newline + 1 - start));
        }

        return end;
    }

    private static string? ReadLine(StreamReader reader, string path)
    {
        var line = new StringBuilder();
        while (reader.Read() is >= 0 and var c && c != '\n')
        {
            line.Append((char)c);
            if (line.Length > LongestLine)
            {
                throw new BadInputException(ErrorCode.Run, FormattableString.Invariant(
                    $"'{Text.Name(path)}' has a line of more than {LongestLine} characters; it is not the log of a run, which has a short JSON object a line"));
            }
        }

        return line.Length == 0 && reader.EndOfStream ? null : line.ToString();
    }

    private static LogEntry Parse(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        JsonElement root = json.RootElement;
        double? Find(string name) => !root.TryGetProperty(name, out JsonElement value) ? null
            : value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture)
            : value.GetDouble();
        return new LogEntry
        {
            Step = root.GetProperty("step").GetInt64(),
            Loss = Find("loss"),
            Rate = Find("lr"),
            GradientNorm = Find("grad_norm"),
            ValidationLoss = Find("validation_loss"),
            ValidationAccuracy = Find("validation_accuracy"),
            Seconds = Find("seconds"),
            Entries = (long?)Find("entries"),
            Skipped = root.TryGetProperty("skipped", out JsonElement skipped) && skipped.GetBoolean() ? true : null,
        };
    }
}
