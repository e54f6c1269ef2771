using System.ComponentModel;
using System.Diagnostics;

namespace OnnxGrow.DataTools;

/// <summary>Runs the package managers that the data come from.</summary>
internal static class Tool
{
    public static void Run(string folder, string program, params string[] arguments)
    {
        // npm is a batch file there.
        bool shell = OperatingSystem.IsWindows() && program == "npm";
        var start = new ProcessStartInfo(shell ? "cmd" : program, shell ? ["/c", program, .. arguments] : arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new BadInputException($"'{program} {string.Join(' ', arguments)}' failed: {errors}{output.Result}");
            }
        }
        catch (Win32Exception e)
        {
            throw new BadInputException($"'{program}' cannot be started: {e.Message}", e);
        }
    }
}
