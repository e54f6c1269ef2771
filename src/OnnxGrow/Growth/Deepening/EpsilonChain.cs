namespace OnnxGrow.Growth.Deepening;

/// <summary>
/// A chain of norms that computes exactly what one norm does (growth-math, rule 4.4): with epsilons e_1 (first) and t for
/// each of the n others, and K_0 = 1, K_i = 1 + t K_(i-1), the chain equals one norm of epsilon eps if
/// e_1 t^n / K_n = eps and the last gain is times sqrt(K_n).
/// </summary>
/// <param name="First">Epsilon of the first norm.</param>
/// <param name="Others">Epsilon of every other norm; a float32 value, so that nothing of it is rounded when stored.</param>
/// <param name="GainFactor">By what the last gain is multiplied: sqrt(K_n).</param>
internal readonly record struct EpsilonChain(double First, double Others, double GainFactor)
{
    /// <summary>The chain of one norm and <paramref name="others"/> more, with all epsilons as equal as they can be.</summary>
    public static EpsilonChain Of(double epsilon, int others)
    {
        // Solve t^(n+1) = eps K_n(t): the left side grows faster, so there is one root, and bisection cannot miss it.
        double low = 0;
        double high = 1;
        while (Excess(high, epsilon, others) < 0)
        {
            high *= 2;
        }

        for (int i = 0; i < 200; i++)
        {
            double middle = (low + high) / 2;
            if (Excess(middle, epsilon, others) < 0)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        double t = (float)high;
        double k = K(t, others);
        double power = 1;
        for (int i = 0; i < others; i++)
        {
            power *= t;
        }

        return new EpsilonChain(epsilon * k / power, t, Math.Sqrt(k));
    }

    private static double Excess(double t, double epsilon, int others)
    {
        double power = t;
        for (int i = 0; i < others; i++)
        {
            power *= t;
        }

        return power - (epsilon * K(t, others));
    }

    private static double K(double t, int others)
    {
        double k = 1;
        for (int i = 0; i < others; i++)
        {
            k = 1 + (t * k);
        }

        return k;
    }
}
