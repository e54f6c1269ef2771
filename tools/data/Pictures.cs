using System.Globalization;

namespace OnnxGrow.DataTools;

/// <summary>
/// Folders of pictures, as .npy files that recipes of the kind "folder" take. npm's sharp (libvips) decodes them: PNG, JPEG, WebP, GIF
/// and TIFF, turned as the camera has noted, in sRGB.
/// </summary>
internal static class Pictures
{
    /// <summary>What is made of each picture: its channels, and the extents to scale and cut it to (null: as it is).</summary>
    internal sealed record Shape(int Channels, (int Height, int Width)? Size);

    /// <summary>Reads "HxW" and "gray"; null where there is something else.</summary>
    public static Shape? Options(string[] words)
    {
        var shape = new Shape(3, null);
        foreach (string word in words)
        {
            if (word == "gray")
            {
                shape = shape with { Channels = 1 };
            }
            else if (word.Split('x') is [var height, var width] && IsExtent(height, out int h) && IsExtent(width, out int w))
            {
                shape = shape with { Size = (h, w) };
            }
            else
            {
                return null;
            }
        }

        return shape;
    }

    /// <summary>Decodes all of a folder; nothing is left behind where one of them cannot be decoded.</summary>
    /// <exception cref="BadInputException">A picture cannot be decoded, or the target is there.</exception>
    public static void Decode(string pictures, string folder, Shape shape)
    {
        if (!Directory.Exists(pictures))
        {
            throw new BadInputException($"the folder of pictures '{Text.Name(pictures)}' does not exist");
        }

        if (Path.Exists(folder))
        {
            throw new BadInputException($"'{Text.Name(folder)}' is there already; give another folder, or delete it");
        }

        string program = Path.Combine(AppContext.BaseDirectory, "pictures");
        Tool.Run(program, "node", Path.Combine(AppContext.BaseDirectory, "restore.mjs"), program);
        string[] size = shape.Size is { } s ? [Digits(s.Height), Digits(s.Width)] : [];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        Tool.Run(program, "node", ["pictures.mjs", Path.GetFullPath(pictures), Path.GetFullPath(folder), Digits(shape.Channels), .. size]);
        Console.WriteLine($"images in {folder}");

        static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static bool IsExtent(string text, out int extent) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out extent) && extent is > 0 and <= 1 << 13;
}
