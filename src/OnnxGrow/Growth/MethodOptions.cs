using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Growth;

/// <summary>Options of a plan that only some methods take.</summary>
internal static class MethodOptions
{
    private const double MostDecibels = 200;

    /// <summary>Checks that the plan's method takes what the plan gives it.</summary>
    /// <exception cref="BadInputException">It does not.</exception>
    public static void Check(GrowthMethod method, GrowthPlan plan)
    {
        if (plan.Init is not null && !method.TakesInit)
        {
            throw new BadInputException(ErrorCode.Option, $"--init: the method '{method.Name}' takes no initialisation; {Those(m => m.TakesInit)}");
        }

        if (plan.NoiseDb is not { } noise)
        {
            return;
        }

        if (!method.TakesNoise)
        {
            throw new BadInputException(ErrorCode.Option, $"--noise-db: the method '{method.Name}' takes no noise; {Those(m => m.TakesNoise)}");
        }

        if (!(noise >= 0 && noise <= MostDecibels))
        {
            throw new BadInputException(ErrorCode.Option, FormattableString.Invariant($"--noise-db {noise:R}: give decibels from 0 (noise as large as the weights) to {MostDecibels}"));
        }
    }

    private static string Those(Func<GrowthMethod, bool> take)
    {
        string[] names = [.. GrowthMethod.All.Values.Where(take).Select(m => m.Name)];
        return $"{Text.List(names)} {(names.Length == 1 ? "does" : "do")}";
    }
}
