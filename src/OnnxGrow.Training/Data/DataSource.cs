using OnnxGrow.Training.Data.Arrays;
using OnnxGrow.Training.Data.Images;
using OnnxGrow.Training.Data.Texts;
using OnnxGrow.Training.Data.Tokenizers;

namespace OnnxGrow.Training.Data;

/// <summary>Opens what a recipe describes.</summary>
public static class DataSource
{
    /// <summary>Opens the data.</summary>
    /// <param name="recipe">What they are.</param>
    /// <param name="baseFolder">The folder that paths of the recipe start from: that of the recipe's file.</param>
    /// <exception cref="BadInputException">A file is missing or is not what it should be.</exception>
    public static ITrainingData Open(DataRecipe recipe, string baseFolder)
    {
        ITokenizer? tokenizer = recipe.Kind is DataKind.Text or DataKind.Mlm ? OpenTokenizer(recipe.Tokenizer, baseFolder) : null;
        ISamples? samples = null, validation = null;
        try
        {
            samples = OpenSamples(recipe, recipe.Files, recipe.Labels, tokenizer, baseFolder);
            validation = recipe.ValidationFiles.Count == 0 ? null : OpenSamples(recipe, recipe.ValidationFiles, recipe.ValidationLabels, tokenizer, baseFolder);
            return new SampleStream(samples, validation, recipe.Validation, recipe.Batch, recipe.Seed);
        }
        catch
        {
            samples?.Dispose();
            validation?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a tokenizer.</summary>
    public static ITokenizer OpenTokenizer(TokenizerRecipe recipe, string baseFolder)
    {
        return recipe.Kind switch
        {
            "bytes" => new ByteTokenizer(recipe.Specials),
            "bpe" => BpeTokenizer.Load(PathOf(recipe.Vocabulary), PathOf(recipe.Merges), recipe.Specials),
            "wordpiece" => WordPieceTokenizer.Load(PathOf(recipe.Vocabulary), recipe.LowerCase, recipe.MaxWordLength, recipe.Specials),
            _ => throw new BadInputException(ErrorCode.Data, $"there is no tokenizer '{Text.Name(recipe.Kind)}'; there are bytes, bpe and wordpiece"),
        };

        string PathOf(string? path) => Path.Combine(baseFolder, path ?? throw new BadInputException(ErrorCode.Data, $"the tokenizer '{recipe.Kind}' needs its vocabulary files"));
    }

    private static ISamples OpenSamples(DataRecipe recipe, IReadOnlyList<string> files, IReadOnlyList<string> labels, ITokenizer? tokenizer, string baseFolder)
    {
        IReadOnlyList<string> paths = DataPaths.Find(files, baseFolder);
        switch (recipe.Kind)
        {
            case DataKind.Text or DataKind.Mlm:
                var tokens = new TokenStore(paths, tokenizer!, recipe.Lines);
                try
                {
                    return recipe.Kind == DataKind.Text
                        ? new CausalSamples(tokens, recipe.Sequence)
                        : new MaskedSamples(tokens, tokenizer!, recipe.Sequence, recipe.MaskRate);
                }
                catch
                {
                    tokens.Dispose();
                    throw;
                }

            case DataKind.Images:
                IReadOnlyList<string> labelPaths = DataPaths.Find(labels, baseFolder);
                return paths.Count == 1 && labelPaths.Count == 1
                    ? new IdxSamples(paths[0], labelPaths[0], recipe.Image)
                    : throw new BadInputException(ErrorCode.Data, $"images are read from one IDX file and its labels; 'files' names {paths.Count} and 'labels' {labelPaths.Count}");
            case DataKind.Folder:
                return paths.Count == 1
                    ? new FolderSamples(paths[0], recipe.Image)
                    : throw new BadInputException(ErrorCode.Data, $"images are read from one folder with a folder for each class; 'files' names {paths.Count}");
            default:
                return new ArraySamples(paths);
        }
    }
}
