using System.Globalization;
using OnnxGrow.TestSupport.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>The process that reads inputs. It says which one it is about to read, so that one that kills it is known.</summary>
internal static class Worker
{
    /// <summary>Line for an input that is about to be read.</summary>
    public const char Started = '>';

    /// <summary>Line for a finding: number, key and text, tabs between.</summary>
    public const char Found = '!';

    /// <summary>Line that counts what was taken and refused since the last such line.</summary>
    public const char Counted = '#';

    private const int CountEvery = 50;

    public static int Run(Options options, TextWriter output)
    {
        var maker = new FuzzMaker();
        using var reader = new FuzzReader(new FuzzLimits());
        int taken = 0;
        int refused = 0;
        for (long number = options.From; ; number += options.Step)
        {
            FuzzInput input = maker.Make(options.Targets[0], options.Seed, number, options.Without);
            Line(output, string.Create(CultureInfo.InvariantCulture, $"{Started}{number}"));
            FuzzOutcome outcome = reader.Read(input);
            taken += outcome.Verdict == FuzzVerdict.Taken ? 1 : 0;
            refused += outcome.Verdict == FuzzVerdict.Refused ? 1 : 0;
            if (outcome.Verdict == FuzzVerdict.Finding)
            {
                Line(output, string.Create(CultureInfo.InvariantCulture, $"{Found}{number}\t{outcome.Key}\t{OneLine(outcome.Text)}"));
            }

            if (taken + refused >= CountEvery || outcome.Verdict == FuzzVerdict.Finding)
            {
                Line(output, string.Create(CultureInfo.InvariantCulture, $"{Counted}{taken}\t{refused}"));
                (taken, refused) = (0, 0);
            }
        }
    }

    public static int Replay(FuzzInput input)
    {
        using var reader = new FuzzReader(new FuzzLimits());
        FuzzOutcome outcome = reader.Read(input);
        Console.WriteLine($"{outcome.Verdict}: {outcome.Key}\n{outcome.Text}");
        return outcome.Verdict == FuzzVerdict.Finding ? 1 : 0;
    }

    private static string OneLine(string text) =>
        string.Concat((text.Length > 6000 ? text[..6000] : text).Select(c => c == '\n' ? '\u2424' : char.IsControl(c) ? ' ' : c));

    private static void Line(TextWriter output, string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
