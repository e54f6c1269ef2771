FileInfo model = new DirectoryInfo(AppContext.BaseDirectory).GetFiles("*.onnx").Single();
Console.WriteLine($"{model.Name}, grown by the build, lies beside the program: {model.Length} bytes");
