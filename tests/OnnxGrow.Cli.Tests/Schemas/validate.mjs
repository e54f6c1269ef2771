// Checks JSON files against schemas: node validate.mjs SCHEMAS SCHEMA FILE [SCHEMA FILE ...]
// Prints a line for each fault. Exit codes: 0 none, 1 some.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";

const [folder, ...rest] = process.argv.slice(2);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
for (const name of readdirSync(folder).filter((n) => n.endsWith(".json"))) {
  ajv.addSchema(JSON.parse(readFileSync(join(folder, name), "utf8")), name);
}

for (let i = 0; i + 1 < rest.length; i += 2) {
  const validate = ajv.getSchema(rest[i]);
  if (!validate) {
    console.log(`${rest[i]}: there is no such schema`);
    process.exitCode = 1;
  } else if (!validate(JSON.parse(readFileSync(rest[i + 1], "utf8")))) {
    for (const error of validate.errors.slice(0, 20)) {
      console.log(`${basename(rest[i + 1])}: ${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
    }
    process.exitCode = 1;
  }
}
