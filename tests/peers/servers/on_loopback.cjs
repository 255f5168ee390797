// Preloaded into a Node peer that is not ours to change (node --require): makes it listen on a
// free port of loopback instead of a fixed port of every interface, and prints the URL once it
// accepts. The standard input is a leash: when whoever started the peer is gone, so is the peer.
"use strict";

const net = require("node:net");

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...rest) {
  this.once("listening", () => {
    console.log(`listening http://127.0.0.1:${this.address().port}${process.env.PEER_PATH}`);
  });
  const callbacks = rest.filter((each) => typeof each === "function");
  return listen.call(this, { host: "127.0.0.1", port: 0 }, ...callbacks);
};

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
