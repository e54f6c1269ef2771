using OnnxGrow.Training.Data.Images;
using OnnxGrow.Training.Recipes;

namespace OnnxGrow.Training.Data;

/// <summary>The section <c>data</c> of a recipe.</summary>
public sealed record DataRecipe
{
    private const string Name = "data";

    /// <summary>What the data are.</summary>
    public required DataKind Kind { get; init; }

    /// <summary>The files: texts, images, shards, or the one folder; the last part of a path may have * and ?.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>For images: the files of their labels, one for each of images.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Files for validation; where there are none, a part of the others is kept for it.</summary>
    public IReadOnlyList<string> ValidationFiles { get; init; } = [];

    /// <summary>For images: the files of the labels of those for validation.</summary>
    public IReadOnlyList<string> ValidationLabels { get; init; } = [];

    /// <summary>For texts: the tokenizer.</summary>
    public TokenizerRecipe Tokenizer { get; init; } = new();

    /// <summary>For texts: whether each line is a document of its own, and not each file.</summary>
    public bool Lines { get; init; }

    /// <summary>For texts: tokens of a sequence.</summary>
    public int Sequence { get; init; } = 128;

    /// <summary>For mlm: the part of tokens that is to be guessed.</summary>
    public double MaskRate { get; init; } = 0.15;

    /// <summary>For images: what is made of them.</summary>
    public ImageOptions Image { get; init; } = new();

    /// <summary>Samples of a batch.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>The part of the samples that is kept for validation.</summary>
    public double Validation { get; init; } = 0.05;

    /// <summary>The seed of all that is random in the data.</summary>
    public ulong Seed { get; init; }

    /// <summary>Inputs of the model, and the fields of the data that they take, where names do not tell.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a recipe of nothing but the section <c>data</c>.</summary>
    /// <exception cref="BadInputException">The text is not one; the message gives line and column.</exception>
    public static DataRecipe Parse(string text, string where) => YamlText.Parse(text, where, "recipe", root =>
    {
        RecipeSection recipe = new(root, where, "the recipe");
        DataRecipe data = Read(recipe.Section(Name) ?? throw new BadInputException(ErrorCode.Data, $"{where}: a recipe has the section '{Name}'"));
        recipe.End();
        return data;
    }, $"a recipe is one mapping, with the section '{Name}'");

    /// <summary>Reads the section from a recipe that has others too.</summary>
    internal static DataRecipe Read(RecipeSection data)
    {
        DataKind kind = data.Choice("kind", null, "text", "mlm", "images", "folder", "arrays") switch
        {
            "text" => DataKind.Text,
            "mlm" => DataKind.Mlm,
            "images" => DataKind.Images,
            "folder" => DataKind.Folder,
            _ => DataKind.Arrays,
        };
        var recipe = new DataRecipe
        {
            Kind = kind,
            Files = data.Strings("files"),
            ValidationFiles = data.Strings("validation_files"),
            Batch = (int)data.Whole("batch", 16, 1, 1 << 20),
            Validation = data.Part("validation", 0.05, zero: true),
            Seed = data.Seed("seed"),
            Inputs = data.Map("inputs"),
        };
        if (recipe.Files.Count == 0)
        {
            throw data.Bad("files", "'data' needs 'files': a path, or a list of paths");
        }

        if (recipe.ValidationFiles.Count > 0 && data.Has("validation"))
        {
            throw data.Bad("validation", "'validation' keeps a part of 'files', and 'validation_files' are given: leave one of the two out");
        }

        recipe = kind switch
        {
            DataKind.Text or DataKind.Mlm => Texts(recipe, data),
            DataKind.Images => Labelled(recipe, data) with { Image = ImageOf(data) },
            DataKind.Folder => recipe with { Image = ImageOf(data) },
            _ => recipe,
        };
        data.End();
        return recipe;
    }

    private static DataRecipe Texts(DataRecipe recipe, RecipeSection data)
    {
        recipe = recipe with
        {
            Sequence = (int)data.Whole("sequence", 128, 2, 1 << 20),
            Lines = data.Choice("document", "file", "file", "line") == "line",
            Tokenizer = TokenizerOf(data.Section("tokenizer") ?? throw data.Bad("tokenizer",
                "'data' of texts needs 'tokenizer', as in tokenizer: {kind: bytes} or {kind: bpe, vocabulary: vocab.json, merges: merges.txt}")),
        };
        return recipe.Kind == DataKind.Mlm ? recipe with { MaskRate = data.Part("mask_rate", 0.15, zero: false) } : recipe;
    }

    private static DataRecipe Labelled(DataRecipe recipe, RecipeSection data)
    {
        recipe = recipe with { Labels = data.Strings("labels"), ValidationLabels = data.Strings("validation_labels") };
        return recipe.Labels.Count != recipe.Files.Count
            ? throw data.Bad("labels", $"'labels' must have a file for each of 'files': {recipe.Files.Count}, and it has {recipe.Labels.Count}")
            : recipe.ValidationLabels.Count != recipe.ValidationFiles.Count
            ? throw data.Bad("validation_labels", $"'validation_labels' must have a file for each of 'validation_files': {recipe.ValidationFiles.Count}, and it has {recipe.ValidationLabels.Count}")
            : recipe;
    }

    private static TokenizerRecipe TokenizerOf(RecipeSection section)
    {
        string kind = section.Choice("kind", null, "bytes", "bpe", "wordpiece");
        var tokenizer = new TokenizerRecipe { Kind = kind, Specials = section.Strings("specials") };
        if (kind != "bytes")
        {
            tokenizer = tokenizer with
            {
                Vocabulary = section.String("vocabulary") ?? throw section.Bad("vocabulary", $"a tokenizer '{kind}' needs 'vocabulary': its {(kind == "bpe" ? "vocab.json" : "vocab.txt")}"),
            };
        }

        if (kind == "bpe")
        {
            tokenizer = tokenizer with { Merges = section.String("merges") ?? throw section.Bad("merges", "a tokenizer 'bpe' needs 'merges': its merges.txt") };
        }

        if (kind == "wordpiece")
        {
            tokenizer = tokenizer with
            {
                LowerCase = section.Flag("lower_case", true),
                MaxWordLength = (int)section.Whole("max_word_length", 100, 1, 1 << 20),
            };
        }

        section.End();
        return tokenizer;
    }

    private static ImageOptions ImageOf(RecipeSection data)
    {
        if (data.Section("image") is not { } image)
        {
            return new ImageOptions();
        }

        var options = new ImageOptions
        {
            Resize = image.Size("resize"),
            Pad = (int)image.Whole("pad", 0, 0, 1 << 14),
            Crop = image.Size("crop"),
            Flip = image.Flag("flip", false),
            Mean = image.Numbers("mean", 0),
            Deviation = image.Numbers("std", 1),
            Channels = (int?)image.WholeOrNone("channels", 1, 64),
        };
        image.End();
        return options;
    }
}
