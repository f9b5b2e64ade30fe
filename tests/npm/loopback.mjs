// Loaded before a server that would listen on every address: it listens on
// 127.0.0.1 instead, and says which port it got.

import net from "node:net";

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (port, ...rest) {
  const callback = rest.find((each) => typeof each === "function");
  this.once("listening", () => console.log(`loopback port ${this.address().port}`));
  return listen.call(this, { port: Number(port), host: "127.0.0.1" }, callback);
};
