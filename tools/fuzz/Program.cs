// Reads damaged and hostile files until something other than success or a clear error comes of one.
//   dotnet run -c Release --project tools/fuzz -- --minutes 60                     all readers, seed 1, a worker a core
//   dotnet run -c Release --project tools/fuzz -- --target plan --seed 7 --minutes 5
//   dotnet run -c Release --project tools/fuzz -- --replay FILE                    one kept input again
//   dotnet run -c Release --project tools/fuzz -- --target model --seed 7 --input 123 --keep FILE    writes input 123
// Other options: --workers N, --out FOLDER (where findings go), --from N (the first number).
// Ends with 1 where there were findings.
using System.Globalization;
using OnnxGrow.Fuzz;
using OnnxGrow.TestSupport.Fuzz;

try
{
    Options options = Options.Parse(args);
    if (options.Replay is { } file)
    {
        return Worker.Replay(FuzzInput.Load(file));
    }

    if (options.Input is { } number)
    {
        FuzzInput input = new FuzzMaker().Make(options.Targets[0], options.Seed, number, options.Without);
        if (options.Keep is { } path)
        {
            File.WriteAllBytes(path, input.Bytes);
        }

        return Worker.Replay(input);
    }

    if (options.IsWorker)
    {
        return Worker.Run(options, Console.Out);
    }

    return new Run(options).Go();
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fuzz: {e.Message}"));
    return 2;
}
