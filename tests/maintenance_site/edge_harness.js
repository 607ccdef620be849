// Runs CloudFront Functions: reads {"code": …, "event": …} from each line, writes {"answer": …} or {"error": …}.
const readline = require('node:readline');
const vm = require('node:vm');

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const { code, event } = JSON.parse(line);
    const result = {};
    try {
        // A context of its own, empty: the language and nothing of Node, as at the edge.
        const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
        const run = vm.runInContext(`'use strict';${code}\n;(text) => JSON.stringify(handler(JSON.parse(text)))`, context);
        result.answer = JSON.parse(run(JSON.stringify(event)));
    } catch (error) {
        result.error = String(error);
    }
    process.stdout.write(`${JSON.stringify(result)}\n`);
});
