namespace OnnxGrow.Runtime.Comparison;

/// <summary>What matters of logits: does the same class win, and how far are the distributions apart.</summary>
internal static class RowComparer
{
    public static TensorComparison Compare(TensorComparison result, double[] a, double[] b, int length)
    {
        long rows = 0, agreeing = 0;
        double worst = 0;
        for (int start = 0; start < a.Length; start += length)
        {
            ReadOnlySpan<double> left = a.AsSpan(start, length);
            ReadOnlySpan<double> right = b.AsSpan(start, length);
            if (HasNaN(left) || HasNaN(right))
            {
                continue;
            }

            rows++;
            int winner = ArgMax(left);

            // A tie in the source may be broken either way: what counts is that the grown model's winner is one of it.
            int other = ArgMax(right);
            agreeing += winner == other || left[other] == left[winner] ? 1 : 0;
            double apart = Kl(left, right);
            worst = double.IsFinite(apart) ? Math.Max(worst, apart) : worst;
        }

        return rows == 0 ? result : result with { ArgMaxAgreement = (double)agreeing / rows, MaxKl = worst };
    }

    // sum p (log p - log q), each with its own log-sum-exp.
    private static double Kl(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double za = LogSumExp(a), zb = LogSumExp(b);
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double log = a[i] - za;
            double p = Math.Exp(log);
            sum += p == 0 ? 0 : p * (log - (b[i] - zb));
        }

        return Math.Max(0, sum);
    }

    private static double LogSumExp(ReadOnlySpan<double> values)
    {
        double most = values[ArgMax(values)];
        double sum = 0;
        foreach (double value in values)
        {
            sum += Math.Exp(value - most);
        }

        return most + Math.Log(sum);
    }

    private static int ArgMax(ReadOnlySpan<double> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    private static bool HasNaN(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (double.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }
}
