// Sample models in other graph styles than an exporter's (models/styles/); see README.md.
//   dotnet run -c Release --project tools/styles -- optimise FOLDER [OUTPUT]   what ONNX Runtime's optimiser makes of the exported
//                                                                              models and of those that bias_second.py put into FOLDER
//   dotnet run -c Release --project tools/styles -- check [NAME...]            compares every model with its twin
using OnnxGrow.Styles;

string root = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(root, "OnnxGrow.sln")))
{
    root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("run this inside the repository");
}

string models = Path.Combine(root, "models");
string styles = Path.Combine(models, "styles");
switch (args.FirstOrDefault())
{
    case "optimise" when args.Length > 1:
        Optimiser.Run(models, args[1], args.Length > 2 ? args[2] : styles);
        return 0;
    case "check":
        return Checker.Run(styles, args[1..]) ? 0 : 1;
    default:
        Console.Error.WriteLine("optimise FOLDER [OUTPUT] | check [NAME...]");
        return 2;
}
