using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace OnnxGrow;

/// <summary>Work on several threads, in which a fault is the fault itself and not a collection of faults.</summary>
internal static class InParallel
{
    /// <summary>Calls with each number below a count, in turn: whoever is free takes the next.</summary>
    /// <param name="count">How many.</param>
    /// <param name="threads">Threads at most; 0 for one a processor.</param>
    /// <param name="body">What to do.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void For(int count, int threads, Action<int> body, CancellationToken cancellation = default) =>
        ForEach(Enumerable.Range(0, count), threads, body, cancellation);

    /// <summary>Calls with each item of a list that may be made on the way.</summary>
    /// <param name="items">The items.</param>
    /// <param name="threads">Threads at most; 0 for one a processor.</param>
    /// <param name="body">What to do.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void ForEach<T>(IEnumerable<T> items, int threads, Action<T> body, CancellationToken cancellation = default)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount, CancellationToken = cancellation };
        try
        {
            Parallel.ForEach(Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering), options, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
