// One pair of schemas a line, one answer a line: is every value of the producer accepted?
// argv: the folder of the json-schema-diff package.

const readline = require("node:readline");
const { diffSchemas } = require(process.argv[2]);

async function answer(line) {
  const { producer, acceptor } = JSON.parse(line);
  const began = process.hrtime.bigint();
  const seconds = () => Number(process.hrtime.bigint() - began) / 1e9;
  try {
    const { removalsFound } = await diffSchemas({
      sourceSchema: producer,
      destinationSchema: acceptor,
    });
    return { contained: !removalsFound, seconds: seconds() };
  } catch (problem) {
    return { trouble: String(problem), seconds: seconds() };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + "\n");
  }
}

main();
