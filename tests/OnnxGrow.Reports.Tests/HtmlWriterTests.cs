using System.Xml.Linq;
using OnnxGrow.Reports.Html;
using Xunit;

namespace OnnxGrow.Reports.Tests;

public sealed class HtmlWriterTests
{
    [Theory]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("\" onload=\"alert(1)")]
    [InlineData("' x='&amp;")]
    [InlineData("]]> <!-- --> &#x3c;")]
    public void A_text_comes_back_as_it_was_and_is_no_markup(string text)
    {
        XElement element = XElement.Parse(new HtmlWriter().Element("p", text, ("title", text)).ToString());
        Assert.Equal(text, element.Value);
        Assert.Equal(text, (string?)element.Attribute("title"));
        Assert.Empty(element.Elements());
        Assert.Single(element.Attributes());
    }

    [Theory]
    [InlineData("a\u202eb", "a\\u202eb")]
    [InlineData("a\0b\u0007", "a\\u0000b\\u0007")]
    [InlineData("\ud83d\ude00", "\ud83d\ude00")]
    public void Characters_that_hide_something_are_shown_by_their_numbers(string text, string shown) =>
        Assert.Equal(shown, XElement.Parse(new HtmlWriter().Element("p", text).ToString()).Value);

    [Fact]
    public void Half_of_a_character_is_shown_by_its_number() =>
        Assert.Equal("x\\ud83d", XElement.Parse(new HtmlWriter().Element("p", "x\ud83d").ToString()).Value);

    [Fact]
    public void A_script_cannot_end_in_its_middle()
    {
        Assert.Throws<InvalidOperationException>(() => new HtmlWriter().Open("script").Code("var a = '</script>';"));
        Assert.Throws<InvalidOperationException>(() => new HtmlWriter().Open("script").Code("a[b[0]]>1"));
    }

    [Fact]
    public void What_is_open_at_the_end_is_a_mistake() => Assert.Throws<InvalidOperationException>(() => new HtmlWriter().Open("p").ToString());
}
