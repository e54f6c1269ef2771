using System.Reflection;
using Xunit;

namespace OnnxGrow.Tests;

/// <summary>The catalogue of errors.</summary>
public sealed class ErrorCodeTests
{
    [Fact]
    public void All_are_listed_once_in_order()
    {
        ErrorCode[] declared = [.. typeof(ErrorCode).GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == typeof(ErrorCode)).Select(p => (ErrorCode)p.GetValue(null)!)];
        Assert.Equal(declared.Select(c => c.Id).Order(StringComparer.Ordinal), ErrorCode.All.Select(c => c.Id));
        Assert.Equal(ErrorCode.All.Length, ErrorCode.All.Select(c => c.Id).Distinct().Count());
    }

    [Fact]
    public void Numbers_say_the_exit_code_and_texts_are_sentences()
    {
        Assert.All(ErrorCode.All, c =>
        {
            Assert.Matches("^OG[1-57][0-9]{3}$", c.Id);
            Assert.Equal(c.ExitCode, c.Id[2] == '7' ? ExitCode.InternalError : (ExitCode)(c.Id[2] - '0'));
            Assert.DoesNotMatch("[.]$", c.Title);
            Assert.EndsWith(".", c.Cause, StringComparison.Ordinal);
            Assert.EndsWith(".", c.Cure, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void An_exception_takes_a_code_of_its_own_family_only()
    {
        Assert.Equal(ExitCode.CannotGrow, new CannotGrowException(ErrorCode.Size, "x").ExitCode);
        Assert.Equal(ErrorCode.Input, new BadInputException("x").Code);
        Assert.Contains("OG3001", Assert.Throws<ArgumentException>(() => new BadInputException(ErrorCode.Size, "x")).Message, StringComparison.Ordinal);
    }
}
