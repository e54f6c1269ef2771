using OnnxGrow.Training.Data.Tokenizers;

namespace OnnxGrow.DataTools;

/// <summary>Learns a vocabulary from texts.</summary>
internal static class OwnVocabulary
{
    public static void Train(int size, string folder, IReadOnlyList<string> texts)
    {
        var trainer = new BpeTrainer();
        foreach (string text in texts)
        {
            trainer.Add(File.ReadAllText(text));
        }

        BpeVocabulary vocabulary = trainer.Train(size);
        vocabulary.Save(folder);
        Console.WriteLine(FormattableString.Invariant($"{vocabulary.Tokens.Count} tokens of {texts.Count} texts in {folder}"));
    }
}
