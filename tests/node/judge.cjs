// Answers JSON lines: what texts mean to the real ink compiler and player, and to articy-js.
//
//   {"engine": "ink", "source": "...", "functions": [name], "worlds": [{name: value}], "reads": bool}
//     -> {"issues": [text], "results": [[value | {name: value} | {"error": text}]]}
//   {"engine": "expresso", "scripts": ["..."], "worlds": [{set: {name: value}}], "reads": bool}
//     -> {"results": [[value | {set: {name: value}} | {"error": text}]]}
//
// Every function or script runs in every world: results are lists by world. With "reads" they are
// instructions, and what counts are the variables after them. Packages are looked for in the
// working directory.

const { createRequire } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const load = createRequire(path.join(process.cwd(), "here.js"));

function ink({ source, functions, worlds, reads }) {
  const { Compiler, CompilerOptions } = load("inkjs/full");
  const issues = [];
  const files = { ResolveInkFilename: (name) => name, LoadInkFileContents: () => "" };
  let story;
  try {
    const options = new CompilerOptions("test", [], true, (text) => issues.push(text), files);
    story = new Compiler(source, options).Compile();
  } catch (error) {
    issues.push(String(error.message));
  }
  if (!story || issues.length) return { issues, results: [] };
  const errors = [];
  story.onError = (text) => errors.push(text);
  const enter = (world) => {
    for (const [name, value] of Object.entries(world)) story.variablesState[name] = value;
  };
  const run = (world, name) => {
    if (reads) enter(world);
    try {
      const value = story.EvaluateFunction(name);
      if (errors.length) throw new Error(errors.join("; "));
      if (!reads) return value;
      return Object.fromEntries(Object.keys(world).map((x) => [x, story.variablesState[x]]));
    } catch (error) {
      errors.length = 0;
      story.ResetState();
      enter(world);
      return { error: String(error.message) };
    }
  };
  const results = worlds.map((world) => {
    enter(world);
    return functions.map((name) => run(world, name));
  });
  return { issues, results };
}

function expresso({ scripts, worlds, reads }) {
  const { runScript, Database } = load("articy-js");
  const database = new Database({
    Settings: { set_Localization: "False" },
    Project: { Name: "test", Guid: "0", TechnicalName: "test" },
    GlobalVariables: [], ObjectDefinitions: [], Packages: [{ Models: [] }],
    Hierarchy: { Id: "0x0100000000000001", TechnicalName: "test", Type: "Project" },
  });
  const nobody = "0x0000000000000000";
  const run = (world, script) => {
    const variables = structuredClone(world);
    try {
      const value = runScript(script, variables, {}, nobody, database, !reads, false);
      return reads ? variables : value;
    } catch (error) {
      return { error: String(error.message) };
    }
  };
  return { results: worlds.map((world) => scripts.map((script) => run(world, script))) };
}

// Plays an export from fragment to fragment. Menus of several draw from a Lehmer generator.
function articy({ file, plays }) {
  const { Database, startupGameFlowState, advanceGameFlowState, completeFlow } = load("articy-js");
  const database = new Database(JSON.parse(fs.readFileSync(file, "utf8")));
  const play = ({ start, seed }) => {
    let random = (seed % 2147483646) + 1;
    const draw = (count) => (random = (random * 48271) % 2147483647) % count;
    const read = (id) => {
      const { Type, Properties: { MenuText, Text, Speaker } } = database.getModel(id);
      return { id, type: Type, text: Text, menu: MenuText, speaker: Speaker };
    };
    let first = true;
    const config = {
      stopAtTypes: ["DialogueFragment", database.getModel(start).Type],
      customStopHandler: (node) =>
        node.is("DialogueFragment") || (first && node.id === start) ? "NORMAL_STOP" : "CONTINUE",
    };
    const begin = { variables: database.newVariableStore(), visits: { counts: {}, indicies: {} }, turn: 0 };
    let [state] = startupGameFlowState(database, start, config, begin);
    first = false;
    const steps = [];
    for (;;) {
      const options = state.branches.map((x) => read(x.path[x.path.length - 1]));
      const step = { ...(state.id === start ? { id: start } : read(state.id)), options };
      step.variables = JSON.parse(JSON.stringify(state.variables));
      steps.push(step);
      if (!options.length || steps.length > 3000) break;
      step.chosen = options.length > 1 ? draw(options.length) : 0;
      [state] = advanceGameFlowState(database, state, config, state.branches[step.chosen].index);
    }
    return { steps, variables: completeFlow(database, state).variables };
  };
  const results = plays.map((one) => {
    try {
      return play(one);
    } catch (error) {
      return { error: String(error.stack) };
    }
  });
  return { results };
}

const engines = { ink, expresso, articy };
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  process.stdout.write(JSON.stringify(engines[request.engine](request)) + "\n");
});
