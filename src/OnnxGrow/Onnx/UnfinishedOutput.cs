namespace OnnxGrow.Onnx;

/// <summary>What this process has written and not finished.</summary>
public static class UnfinishedOutput
{
    /// <summary>
    /// Removes all of it, for a process that is told to end and does not wait for its own threads. An output that is just
    /// being given its name is finished first. What cannot be removed, the next run for the same output removes.
    /// </summary>
    public static void Remove() => LockedFolder.DeleteAll();
}
