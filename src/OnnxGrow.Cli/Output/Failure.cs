namespace OnnxGrow.Cli.Output;

/// <summary>The line on the error stream that says what went wrong, with its code, so that build logs and searches find it.</summary>
internal static class Failure
{
    public static void Write(ErrorCode code, string message) => Console.Error.WriteLine($"onnxgrow: error {code}: {Text.Shown(message)}");

    /// <summary>Says why a command that has come to its end does not end well.</summary>
    /// <param name="exit">What it ends with.</param>
    /// <param name="bad">The code where that is <see cref="ExitCode.NotEquivalent"/>.</param>
    /// <param name="message">What has come out.</param>
    /// <returns>The exit code.</returns>
    public static int Ends(ExitCode exit, ErrorCode bad, string message)
    {
        if (exit != ExitCode.Success)
        {
            Write(exit == ExitCode.NotEquivalent ? bad : ErrorCode.Proof, message);
        }

        return (int)exit;
    }
}
