// The client of @modelcontextprotocol/sdk: connect, list all tools, close.
// NODE_PATH says where the package is.
"use strict";

const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const {
  StreamableHTTPClientTransport,
} = require("@modelcontextprotocol/sdk/client/streamableHttp.js");

async function main(url) {
  const client = new Client({ name: "node-client", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  let count = 0;
  let cursor;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor });
    count += page.tools.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  await client.close();
  console.log(count);
}

main(process.argv[2]).catch((problem) => {
  console.error(problem);
  process.exit(1);
});
