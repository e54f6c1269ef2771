using System.Globalization;
using System.Text;
using OnnxGrow.TestSupport.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>A bug, by the first input that showed it.</summary>
internal sealed record Finding(FuzzTarget Target, string Key, long Number, string Text, string File)
{
    public int Times { get; set; } = 1;
}

/// <summary>What was tried and found.</summary>
internal sealed class Tally(Options options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FuzzTarget, (long Taken, long Refused)> _counts = [];
    private readonly Dictionary<string, Finding> _findings = new(StringComparer.Ordinal);
    private readonly Dictionary<FuzzTarget, FuzzMaker> _makers = Enum.GetValues<FuzzTarget>().ToDictionary(t => t, _ => new FuzzMaker());

    public int Findings => _findings.Count;

    public void Count(FuzzTarget target, long taken, long refused)
    {
        lock (_gate)
        {
            (long t, long r) = _counts.GetValueOrDefault(target);
            _counts[target] = (t + taken, r + refused);
        }
    }

    /// <summary>Keeps a finding that is new; gives whether it is.</summary>
    public bool Add(FuzzTarget target, string key, long number, string text)
    {
        lock (_gate)
        {
            if (_findings.TryGetValue(target + " " + key, out Finding? known))
            {
                known.Times++;
                return false;
            }

            Directory.CreateDirectory(options.Out);
            FuzzInput input = _makers[target].Make(target, options.Seed, number);
            string file = Path.Combine(options.Out, string.Create(CultureInfo.InvariantCulture, $"{target}-{options.Seed}-{number}{FuzzInput.ExtensionOf(target)}").ToLowerInvariant());
            byte[] bytes = input.Bytes;
            // What kills or stops a process cannot be tried in this one.
            if (!key.StartsWith(Run.Death, StringComparison.Ordinal) && !key.StartsWith("took", StringComparison.Ordinal))
            {
                bytes = Minimiser.Smaller(_makers[target], target, options.Seed, number, input, key);
            }

            File.WriteAllBytes(file, bytes);
            File.WriteAllText(file + ".txt", $"{key}\n{text.Replace('\u2424', '\n')}\n");
            _findings.Add(target + " " + key, new Finding(target, key, number, text, file));
            Console.WriteLine($"finding: {target} {number}: {key}\n   {text.Split('\u2424')[0]}\n   {file}");
            return true;
        }
    }

    public string Report()
    {
        lock (_gate)
        {
            var report = new StringBuilder();
            foreach ((FuzzTarget target, (long taken, long refused)) in _counts.OrderBy(c => c.Key))
            {
                int findings = _findings.Values.Where(f => f.Target == target).Sum(f => f.Times);
                report.Append(CultureInfo.InvariantCulture, $"{target}: {taken + refused + findings} inputs, {taken} taken, {refused} refused, {findings} findings ({_findings.Values.Count(f => f.Target == target)} different)\n");
            }

            foreach (Finding finding in _findings.Values)
            {
                report.Append(CultureInfo.InvariantCulture, $"   {finding.Target} {finding.Key}: {finding.Times} times, first {finding.Number}, {finding.File}\n");
            }

            return report.ToString();
        }
    }
}
