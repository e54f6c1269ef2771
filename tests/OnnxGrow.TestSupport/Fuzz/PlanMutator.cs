using System.Globalization;
using System.Text;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Plans as people mistype them and as attackers write them.</summary>
internal static class PlanMutator
{
    private static readonly string[] Keys = ["version", "method", "seed", "block", "dimensions", "layers", "widen_interface", "noise_db", "init", "source_sha256", "after", "copy_of", "path", "sha256", "hidden", "Hidden", "x"];

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "- ", "? ", "&a ", "*a", "!!binary ", "!!python/object:os.system ", "!<tag:x> ", "| \n", "> \n", "'", "\"", "\\u0000", "\\x", "#", "%YAML 9.9\n", "%TAG ! !\n",
        "---\n", "...\n", "\t", "\n", "\r", "\0", "<<: ", "~", "null", "true", "yes", "0x7f", "0o17", "1e9", ".inf", ".nan", "-1", "99999999999999999999", "1_000", "+3", "\u2028", "\u0085", "\u001b[2J", "\ufeff", "\ud83d\ude00",
    ];

    private static readonly string[] Starts =
    [
        "{\"version\": 1, \"method\": \"lemon\", \"seed\": 7, \"block\": \"zero\", \"dimensions\": {\"hidden\": 12}, \"layers\": [{\"after\": 0, \"copy_of\": 1}]}\n",
        "version: 1\nmethod: lemon\nseed: 3\nblock: cancel\ndimensions:\n  hidden: 16\n  ffn: 20\nlayers:\n- after: 1\n  copy_of: 0\n- {after: 1}\nwiden_interface: true\n",
        "method: hypercloning\nnoise_db: 10\ndimensions: {hidden: 16}\n",
        "method: llama-pro\nlayers: [{after: 0, copy_of: 0}, {after: 1, copy_of: 1}]\n",
        "method: random\ndimensions: {hidden: 9}\nseed: 18446744073709551615\n",
        "method: lemon\ninit: {path: other.onnx, sha256: 00}\nsource_sha256: abc\n",
        "method: stack\nlayers: [{after: 1, copy_of: 0}]\n",
    ];

    public static byte[] Make(SplitMix64 draw, IReadOnlyList<string> dimensions, IEnumerable<SplitMix64> changes)
    {
        string text = draw.Pick(Starts);
        foreach (SplitMix64 r in changes)
        {
            text = Change(text, dimensions, r);
            if (text.Length > 6 << 20)
            {
                break;
            }
        }

        byte[] bytes = (draw.Int(0, 30) switch { 0 => Encoding.Unicode, 1 => Encoding.BigEndianUnicode, 2 => Encoding.UTF32, _ => (Encoding)new UTF8Encoding(false) }).GetBytes(text);
        return draw.Int(0, 14) == 0 ? Hostile.Damage(bytes, draw) : bytes;
    }

    private static string Change(string text, IReadOnlyList<string> dimensions, SplitMix64 r)
    {
        int at = r.Int(0, text.Length);
        int end = Math.Min(text.Length, at + r.Pick(1, 1, 3, 10, 40));
        switch (r.Int(0, 11))
        {
            case 0:
                return text[..at] + text[end..];
            case 1:
                return text[..end] + text[at..];
            case 2 or 3:
                return text[..at] + r.Pick(Tokens) + text[at..];
            case 4:
                return text[..at] + r.Pick(Keys) + ": " + r.Pick(Tokens) + text[end..];
            case 5:
                return ReplaceNumber(text, r);
            case 6:
                return text.Replace(r.Pick(Keys), r.Pick(Keys), StringComparison.Ordinal);
            case 7:
                return text.Replace(r.Pick("hidden", "ffn"), dimensions.Count == 0 ? "x" : dimensions[r.Int(0, dimensions.Count - 1)], StringComparison.Ordinal);
            case 8:
                return Large(text, at, r);
            case 9:
                return text.Replace(r.Pick("lemon", "hypercloning", "random", "llama-pro"), r.Pick("lemon", "net2net", "bert2bert-fpi", "bert2bert-aki", "lemon-aki", "hypercloning", "llama-pro", "random", "stack", "interpolate", "copy", "upscale", "depth-upscale", "ligo", Hostile.Name(r)), StringComparison.Ordinal);
            case 10:
                return text + "\n" + r.Pick(Starts);
            default:
                return text[..at] + Hostile.Name(r) + text[at..];
        }
    }

    private static string ReplaceNumber(string text, SplitMix64 r)
    {
        int[] digits = [.. Enumerable.Range(0, text.Length).Where(i => char.IsAsciiDigit(text[i])).Take(100)];
        if (digits.Length == 0)
        {
            return text;
        }

        int at = r.Pick(digits);
        int end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return text[..at] + Hostile.Number(r).ToString(CultureInfo.InvariantCulture) + text[end..];
    }

    // Depth, length, and what is written once and meant often.
    private static string Large(string text, int at, SplitMix64 r)
    {
        int count = r.Pick(10, 20, 300, 20_000);
        return r.Int(0, 7) switch
        {
            0 => text[..at] + new string('[', count) + text[at..],
            1 => text[..at] + string.Concat(Enumerable.Repeat("{a: ", count)) + text[at..],
            2 => string.Concat(Enumerable.Range(0, Math.Min(count, 40)).Select(i => string.Create(CultureInfo.InvariantCulture, $"x{i}: &x{i} [{string.Join(", ", Enumerable.Repeat(i == 0 ? "a" : string.Create(CultureInfo.InvariantCulture, $"*x{i - 1}"), 9))}]\n"))) + text,
            3 => "layers: [" + string.Join(", ", Enumerable.Repeat("{after: 1}", count)) + "]\n",
            4 => "dimensions: {" + string.Join(", ", Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"d{i}: {i + 1}"))) + "}\n",
            5 => string.Concat(Enumerable.Repeat("- ", count)) + text,
            6 => text[..at] + new string(r.Pick(' ', '\n', '#', '"', 'a', '?', ':'), count) + text[at..],
            _ => string.Concat(Enumerable.Range(0, count).Select(i => new string(' ', Math.Min(i, 200)) + "a:\n")) + text,
        };
    }
}
