// Compiles Ink with inkjs and plays it; questions and answers are JSON lines.
//
//   {"compile": source} -> {"issues": [text]}         warnings are issues too
//   {"play": {"knot": name | null, "seed": n, "most": n}}
//     -> {"events": [{"line": text, "tags": [text]} | {"options": [{text, tags}], "index": n}],
//         "variables": {name: value}, "ended": bool, "errors": [text]}
//
// Menus of two or more draw from the generator of the player's seeded choices.

const { createRequire } = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const load = createRequire(path.join(process.cwd(), "here.js"));
const { Compiler, CompilerOptions } = load("inkjs/full");

let story = null;

function compile(source) {
  const issues = [];
  const files = { ResolveInkFilename: (name) => name, LoadInkFileContents: () => "" };
  story = null;
  try {
    const options = new CompilerOptions("test", [], true, (text) => issues.push(text), files);
    story = new Compiler(source, options).Compile();
  } catch (error) {
    issues.push(String(error.message));
  }
  return { issues };
}

function play({ knot, seed, most }) {
  const events = [];
  const errors = [];
  let state = (seed % 2147483646) + 1;
  let ended = false;
  story.onError = (text) => errors.push(text);
  try {
    story.ResetState();
    if (knot !== null) story.ChoosePathString(knot);
    while (events.length < most && !errors.length) {
      if (story.canContinue) {
        const text = story.Continue().replace(/\n$/, "");
        if (text !== "" || story.currentTags.length) events.push({ line: text, tags: [...story.currentTags] });
        continue;
      }
      const options = story.currentChoices.map((x) => ({ text: x.text, tags: [...(x.tags ?? [])] }));
      if (!options.length) {
        ended = true;
        break;
      }
      let index = 0;
      if (options.length > 1) {
        state = (state * 48271) % 2147483647;
        index = state % options.length;
      }
      events.push({ options, index });
      story.ChooseChoiceIndex(index);
    }
  } catch (error) {
    errors.push(String(error.message));
  }
  const names = story.variablesState._globalVariables.keys();
  const variables = Object.fromEntries([...names].map((name) => [name, story.variablesState.$(name)]));
  return { events, variables, ended, errors };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  const answer = "compile" in request ? compile(request.compile) : play(request.play);
  process.stdout.write(JSON.stringify(answer) + "\n");
});
