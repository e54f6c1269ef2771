// Writes what of the documentation follows from the code.
//   dotnet run -c Release --project tools/docs               writes the pages
//   dotnet run -c Release --project tools/docs -- --check    names those that are not current; exit code 1 if there are any
using OnnxGrow.Docs;
using OnnxGrow.TestSupport;

bool check = args is ["--check"];
if (args.Length > 0 && !check)
{
    Console.Error.WriteLine("docs: there is --check, and nothing else");
    return 2;
}

int stale = 0;
foreach (DocPage page in DocPage.All)
{
    if (page.IsCurrent(Repository.Root))
    {
        continue;
    }

    stale++;
    Console.WriteLine($"{page.File}: {(check ? "not current; 'dotnet run -c Release --project tools/docs' writes it" : "written")}");
    if (!check)
    {
        page.Write(Repository.Root);
    }
}

return check && stale > 0 ? 1 : 0;
