// Asks https://www.example.com/NAME/ once a second, by one of Node's clients: KIND NAME.
import https from "node:https";

const [kind, name] = process.argv.slice(2);
const url = `https://www.example.com/${name}/`;
const agent = new https.Agent({ keepAlive: true });

const byHttps = (options) =>
  new Promise((resolve, reject) => {
    const request = https.get(url, { timeout: 10_000, ...options }, (answer) => answer.resume().on("end", resolve));
    request.on("timeout", () => request.destroy(new Error("timeout"))).on("error", reject);
  });

const ask = {
  fetch: async () => (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text(),
  agent: () => byHttps({ agent }),
  "no-agent": () => byHttps({ agent: false }),
}[kind];

for (;;) {
  await ask().catch((error) => console.log(String(error.cause ?? error)));
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
