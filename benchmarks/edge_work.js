// Counts what a CloudFront Function does, not how long it takes: reads {"code": …, "events": […]} from standard
// input, writes the steps of each event as a JSON list.
//
// A step is a block of the code that V8 enters (its precise coverage counts them), or ten characters of the text that
// a function of the language reads. Both are the same on every machine.
// https://nodejs.org/api/inspector.html
const inspector = require('node:inspector');
const vm = require('node:vm');

const CHARACTERS_OF_A_STEP = 10;
const FILE = 'edge-function';

const session = new inspector.Session();
session.connect();

function post(method, parameters) {
    let found;
    session.post(method, parameters, (error, result) => {
        if (error) {
            throw new Error(`${method}: ${error.message}`);
        }
        found = result;
    });
    return found;
}

let characters = 0;
const context = vm.createContext({});
// Replaces a method of the context's own prototypes by one that notes how much it reads.
function counted(prototype, name, read) {
    const own = prototype[name];
    prototype[name] = function (...given) {
        const result = own.apply(this, given);
        characters += read(this, given, result);
        return result;
    };
}
const { strings, lists, patterns } = vm.runInContext(
    '({ strings: String.prototype, lists: Array.prototype, patterns: RegExp.prototype })', context);
counted(strings, 'slice', (_, given, result) => result.length);
['indexOf', 'lastIndexOf', 'split', 'toLowerCase', 'trim'].forEach((name) => {
    counted(strings, name, (text) => text.length);
});
['filter', 'forEach', 'join', 'map', 'slice', 'sort'].forEach((name) => {
    counted(lists, name, (list) => list.length);
});
['exec', 'test'].forEach((name) => {
    counted(patterns, name, (_, given) => String(given[0]).length);
});

const { code, events } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
post('Profiler.enable');
post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const run = vm.runInContext(`(() => {'use strict';${code}\nreturn handler;})()`, context, { filename: FILE });
const steps = events.map((event) => {
    post('Profiler.takePreciseCoverage');
    characters = 0;
    run(event);
    const read = characters;
    const blocks = post('Profiler.takePreciseCoverage').result
        .filter((script) => script.url === FILE)
        .flatMap((script) => script.functions)
        .flatMap((one) => one.ranges);
    return blocks.reduce((sum, range) => sum + range.count, 0) + Math.ceil(read / CHARACTERS_OF_A_STEP);
});
process.stdout.write(JSON.stringify(steps));
