using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;

using GrowthJob job = GrowthJob.Open(args[0]);                                           // open, and map what it is made of
job.CheckOutput(args[1], replace: false);
GrowthPlan plan = job.Plan(new GrowthRequest { Hidden = 96, Layers = 6 });               // plan
using GrownModel grown = job.Grow(plan);                                                 // grow
GrowthResult result = job.WriteVerified(grown, args[1]);                                 // verify, and write
Console.WriteLine($"{result.Output}: {result.Verdict}");
return (int)result.ExitCode;
