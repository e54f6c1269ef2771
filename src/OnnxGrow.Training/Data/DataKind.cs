namespace OnnxGrow.Training.Data;

/// <summary>What data are and what is learnt from them.</summary>
public enum DataKind
{
    /// <summary>Texts, the next token.</summary>
    Text,

    /// <summary>Texts, masked tokens.</summary>
    Mlm,

    /// <summary>Images from IDX files, their classes.</summary>
    Images,

    /// <summary>Images from a folder for each class.</summary>
    Folder,

    /// <summary>Arrays named like the model's inputs.</summary>
    Arrays,
}
