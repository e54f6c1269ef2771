using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxGrow.Growth;

namespace OnnxGrow.Reports.Html;

/// <summary>
/// A page in one file. Its policy lets it run its own scripts, told by their hashes, and nothing else: no network, no frames, no
/// forms.
/// </summary>
internal static class Page
{
    // The default encoder writes '<', '>', '&' and quotes as \u003c and so on.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>Writes a page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="lead">A sentence below the title.</param>
    /// <param name="data">What its plots show; null for a page without plots.</param>
    /// <param name="body">Writes the sections.</param>
    public static string Write(string title, string lead, JsonObject? data, Action<HtmlWriter> body)
    {
        string style = "/*<![CDATA[*/\n" + (data is null ? "" : Assets.Text("uPlot.css").Trim() + "\n") + Assets.Text("report.css") + "/*]]>*/";
        string[] scripts = data is null ? [] : [Script("uPlot.js"), Script("report.js")];
        string policy = $"default-src 'none'; style-src {Hash(style)}; script-src {(scripts.Length == 0 ? "'none'" : string.Join(' ', scripts.Select(Hash)))}; base-uri 'none'; form-action 'none'";
        var html = new HtmlWriter();
        html.Open("html", ("lang", "en"));
        html.Open("head");
        html.Void("meta", ("charset", "utf-8"));
        html.Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", policy));
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        html.Void("meta", ("name", "color-scheme"), ("content", "light dark"));
        html.Void("meta", ("name", "generator"), ("content", "OnnxGrow " + Grower.Version));
        html.Element("title", title);
        Unescaped(html.Open("style"), style).Close();
        html.Close();
        html.Open("body");
        html.Element("a", "Skip to the content", ("class", "skip"), ("href", "#content"));
        html.Open("header").Element("h1", title).Element("p", lead, ("class", "lead")).Close();
        html.Open("main", ("id", "content"));
        body(html);
        html.Close();
        Footer(html, data is not null);
        if (data is not null)
        {
            Unescaped(html.Open("script", ("type", "application/json"), ("id", "data")), data.ToJsonString(Json)).Close();
        }

        foreach (string script in scripts)
        {
            Unescaped(html.Open("script"), script).Close();
        }

        html.Close().Close();
        return "<!DOCTYPE html>\n" + html;
    }

    private static void Footer(HtmlWriter html, bool plots)
    {
        html.Open("footer").Element("p", $"Written by OnnxGrow {Grower.Version}. This page is one file; it loads nothing and sends nothing.");
        if (plots)
        {
            html.Open("details").Element("summary", "Licence of uPlot, which draws the plots");
            html.Element("pre", Assets.Text("uPlot.LICENSE")).Close();
        }

        html.Close();
    }

    private static string Script(string asset) => "//<![CDATA[\n" + Assets.Text(asset).Trim() + "\n//]]>";

    private static string Hash(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    /// <summary>The markers that keep XML from reading code are the only ones in it.</summary>
    private static HtmlWriter Unescaped(HtmlWriter html, string content)
    {
        int end = content.LastIndexOf("]]>", StringComparison.Ordinal);
        return end < 0 ? html.Code(content) : html.Code(content[..end]).Raw(content[end..]);
    }
}
