namespace OnnxGrow;

/// <summary>How far a long piece of work is. The threads that do it tell, and who shows it asks now and then.</summary>
public sealed class WorkProgress
{
    private readonly Lock _gate = new();
    private string _what = "";
    private long _total;
    private long _done;
    private int _number;

    /// <summary>Begins a stage of the work.</summary>
    /// <param name="what">What is done, such as "writing".</param>
    /// <param name="total">The bytes that it will take; 0 where that is not known.</param>
    public void Begin(string what, long total)
    {
        lock (_gate)
        {
            _what = what;
            _total = total;
            Interlocked.Exchange(ref _done, 0);
            _number++;
        }
    }

    /// <summary>Some more bytes are done.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _done, bytes);

    /// <summary>How far it is.</summary>
    public State Now
    {
        get
        {
            lock (_gate)
            {
                return new State(_number, _what, Math.Min(Interlocked.Read(ref _done), _total), _total);
            }
        }
    }

    /// <summary>How far a stage is.</summary>
    /// <param name="Number">Which stage it is, from 1; 0 before the first.</param>
    /// <param name="What">What is done.</param>
    /// <param name="Done">Bytes that are done.</param>
    /// <param name="Total">Bytes in all; 0 where that is not known.</param>
    public readonly record struct State(int Number, string What, long Done, long Total);
}
