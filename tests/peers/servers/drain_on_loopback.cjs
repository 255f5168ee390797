// Preloaded into a Node peer that is not ours to change (node --require): makes it listen on
// loopback instead of every interface, and on a free port instead of its fixed one. Without the
// leash of on_loopback.cjs, which would end it before the signal does.
"use strict";

const net = require("node:net");

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...rest) {
  const callbacks = rest.filter((each) => typeof each === "function");
  return listen.call(this, { host: "127.0.0.1", port: Number(process.env.PORT || 0) }, ...callbacks);
};
