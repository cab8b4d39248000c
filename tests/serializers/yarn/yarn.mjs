// A reader, type checker and player of Yarn Spinner 3; questions and answers are JSON lines.
//
//   {"load": {name: text}} -> {"errors": [..], "warnings": [..], "strings": {id: text}, "nodes": [..]}
//   {"play": {"start": node, "seed": n, "most": n, "texts": {line id: text}}}
//     -> {"events": [{"speaker", "text", "tags"} | {"options": [text], "index": n}],
//         "variables": {name: value}, "ended": reason, "errors": [..]}
//
// Written from Yarn Spinner 3's published grammar and its test plans. Menus of two or more draw
// from the generator of the player's seeded choices. Numbers are single floats, as the engine's.

import readline from "node:readline";

// ------------------------------------------------------------------ problems

class Problem {
  constructor(level, file, line, code, message) {
    Object.assign(this, { level, file, line, code, message });
  }
}
const problems = [];
const report = (level, at, code, message) =>
  problems.push(new Problem(level, at?.file ?? null, at?.line ?? null, code, message));
const error = (at, code, message) => report("error", at, code, message);
const warn = (at, code, message) => report("warning", at, code, message);

// ------------------------------------------------------------------ identifiers

// The grammar's identifier: letters, _, most non-ASCII letters and symbols; digits and combining
// marks after the first place. No dash, no dot, no space.
const ID_START = /[\p{L}\p{So}\p{Sk}_\u00AD]/u;
const isIdStart = (ch) => ch !== undefined && (/[A-Za-z_]/.test(ch) || (ch > "\u00A7" && ID_START.test(ch)) || ch > "\uFFFF");
const isIdPart = (ch) => isIdStart(ch) || (ch !== undefined && (/[0-9]/.test(ch) || /\p{M}/u.test(ch)));
function readId(s, at) {
  const chars = [...s.slice(at)];
  if (!isIdStart(chars[0])) return null;
  let n = 0;
  while (n < chars.length && isIdPart(chars[n])) n++;
  return chars.slice(0, n).join("");
}

// ------------------------------------------------------------------ expressions

const WORD_OPS = { to: "=", lte: "<=", gte: ">=", is: "==", eq: "==", lt: "<", gt: ">", neq: "!=", and: "&&", or: "||", xor: "^", not: "!" };
const SYMBOLS = ["+=", "-=", "*=", "%=", "/=", "<=", ">=", "==", "!=", "&&", "||", "=", "<", ">", "^", "!", "+", "-", "*", "/", "%", "(", ")", ",", "."];

class SyntaxProblem extends Error {}

// Reads tokens until the closing mark (">>" or "}") or the end of the text.
function lexExpression(s, from, close) {
  const out = [];
  let i = from;
  for (;;) {
    while (i < s.length && (s[i] === " " || s[i] === "\t")) i++;
    if (i >= s.length) {
      if (close === null) return { tokens: out, end: i };
      throw new SyntaxProblem(`expression has no closing ${close}`);
    }
    if (close !== null && s.startsWith(close, i)) return { tokens: out, end: i + close.length };
    if (close === null && s.startsWith("//", i)) return { tokens: out, end: s.length };
    const ch = s[i];
    if (ch === '"') {
      let j = i + 1;
      let text = "";
      for (; ; j++) {
        if (j >= s.length) throw new SyntaxProblem("string has no closing quote");
        if (s[j] === '"') break;
        if (s[j] === "\\") {
          if (s[j + 1] !== '"' && s[j + 1] !== "\\") throw new SyntaxProblem(`'\\${s[j + 1] ?? ""}' in a string: only \\" and \\\\ may be escaped`);
          text += s[++j];
        } else text += s[j];
      }
      out.push({ t: "str", v: text });
      i = j + 1;
      continue;
    }
    const num = /^[0-9]+(\.[0-9]+)?/.exec(s.slice(i));
    if (num) {
      out.push({ t: "num", v: Number(num[0]) });
      i += num[0].length;
      continue;
    }
    if (ch === "$") {
      const id = readId(s, i + 1);
      if (!id) throw new SyntaxProblem("'$' without a variable name");
      out.push({ t: "var", v: "$" + id });
      i += 1 + id.length;
      continue;
    }
    const id = readId(s, i);
    if (id) {
      if (id === "true" || id === "false") out.push({ t: "bool", v: id === "true" });
      else if (Object.hasOwn(WORD_OPS, id)) out.push({ t: "op", v: WORD_OPS[id], word: id });
      else out.push({ t: "id", v: id });
      i += id.length;
      continue;
    }
    const sym = SYMBOLS.find((x) => s.startsWith(x, i));
    if (!sym) throw new SyntaxProblem(`'${ch}' is not part of an expression`);
    out.push({ t: "op", v: sym });
    i += sym.length;
  }
}

// Precedence as in the grammar: 'and', 'or' and 'xor' stand on ONE level and group from the left;
// 'not' and '-' bind tighter than everything else.
const LEVEL = { "&&": 1, "||": 1, "^": 1, "==": 2, "!=": 2, "<": 3, ">": 3, "<=": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5 };

function parseExpression(tokens) {
  let i = 0;
  const isOp = (v) => tokens[i]?.t === "op" && tokens[i].v === v;
  function unary() {
    const t = tokens[i];
    if (!t) throw new SyntaxProblem("expression ends too soon");
    if (isOp("-")) { i++; return { k: "neg", a: unary() }; }
    if (isOp("!")) { i++; return { k: "not", a: unary() }; }
    if (isOp("(")) {
      i++;
      const e = binary(1);
      if (!isOp(")")) throw new SyntaxProblem("'(' has no ')'");
      i++;
      return { k: "group", a: e };
    }
    if (isOp(".")) {
      i++;
      const m = tokens[i++];
      if (m?.t !== "id") throw new SyntaxProblem("'.' without a name after it");
      return { k: "member", type: null, name: m.v };
    }
    i++;
    if (t.t === "num" || t.t === "str" || t.t === "bool") return { k: "lit", v: t.v };
    if (t.t === "var") return { k: "var", name: t.v };
    if (t.t === "id") {
      if (isOp("(")) {
        i++;
        const args = [];
        while (!isOp(")")) {
          args.push(binary(1));
          if (isOp(",")) i++;
          else if (!isOp(")")) throw new SyntaxProblem(`arguments of ${t.v} have no ')'`);
        }
        i++;
        return { k: "call", name: t.v, args };
      }
      if (isOp(".")) {
        i++;
        const m = tokens[i++];
        if (m?.t !== "id") throw new SyntaxProblem("'.' without a name after it");
        return { k: "member", type: t.v, name: m.v };
      }
      if (t.v === "null") throw new SyntaxProblem("null is not a value in Yarn Spinner 2 and later");
      throw new SyntaxProblem(`'${t.v}' is not a value (a string needs double quotes, a variable needs $)`);
    }
    throw new SyntaxProblem(`'${t.word ?? t.v}' where a value is expected`);
  }
  function binary(min) {
    let left = unary();
    while (tokens[i]?.t === "op" && LEVEL[tokens[i].v] >= min) {
      const op = tokens[i].v;
      i++;
      left = { k: "bin", op, a: left, b: binary(LEVEL[op] + 1) };
    }
    return left;
  }
  const tree = binary(1);
  return { tree, rest: tokens.slice(i) };
}

function wholeExpression(tokens) {
  if (tokens.length === 0) throw new SyntaxProblem("an expression is expected");
  const { tree, rest } = parseExpression(tokens);
  if (rest.length) throw new SyntaxProblem(`'${rest[0].word ?? rest[0].v}' is left over after the expression`);
  return tree;
}

function mixesAndOr(e) {
  let found = false;
  (function walk(n) {
    if (!n || typeof n !== "object") return;
    if (n.k === "bin" && LEVEL[n.op] === 1) {
      for (const side of [n.a, n.b]) if (side.k === "bin" && LEVEL[side.op] === 1 && side.op !== n.op) found = true;
    }
    for (const v of [n.a, n.b, ...(n.args ?? [])]) walk(v);
  })(e);
  return found;
}

// ------------------------------------------------------------------ body lines to tokens

const KEYWORDS = new Set(["if", "elseif", "else", "endif", "set", "call", "declare", "jump", "detour", "return", "enum", "case", "endenum", "once", "endonce", "local"]);

function readCommand(s, from, at) {
  // from stands after "<<"
  let i = from;
  while (s[i] === " " || s[i] === "\t") i++;
  const word = /^[a-z]+/.exec(s.slice(i))?.[0];
  const next = word ? s[i + word.length] : undefined;
  if (word && KEYWORDS.has(word) && (next === ">" || next === " " || next === "\t")) {
    i += word.length;
    if (["if", "elseif", "set", "call", "declare", "case"].includes(word)) {
      const { tokens, end } = lexExpression(s, i, ">>");
      return { token: { t: "cmd", word, tokens, ...at }, end };
    }
    if (word === "once") {
      while (s[i] === " " || s[i] === "\t") i++;
      if (s.startsWith("if", i) && /[ \t>]/.test(s[i + 2] ?? "")) {
        const { tokens, end } = lexExpression(s, i + 2, ">>");
        return { token: { t: "cmd", word, tokens, ...at }, end };
      }
      if (!s.startsWith(">>", i)) throw new SyntaxProblem("<<once>> takes nothing but 'if' and an expression");
      return { token: { t: "cmd", word, tokens: null, ...at }, end: i + 2 };
    }
    if (word === "jump" || word === "detour") {
      while (s[i] === " " || s[i] === "\t") i++;
      if (s[i] === "{") {
        const { tokens, end } = lexExpression(s, i + 1, "}");
        let j = end;
        while (s[j] === " " || s[j] === "\t") j++;
        if (!s.startsWith(">>", j)) throw new SyntaxProblem(`<<${word}>> has no closing >>`);
        return { token: { t: "cmd", word, tokens, ...at }, end: j + 2 };
      }
      const id = readId(s, i);
      if (!id) throw new SyntaxProblem(`<<${word}>> needs a node's name`);
      i += id.length;
      while (s[i] === " " || s[i] === "\t") i++;
      if (!s.startsWith(">>", i)) throw new SyntaxProblem(`<<${word} ${id}...>>: a node's name holds letters, digits and _ only`);
      return { token: { t: "cmd", word, target: id, ...at }, end: i + 2 };
    }
    if (word === "enum") {
      while (s[i] === " " || s[i] === "\t") i++;
      const id = readId(s, i);
      if (!id) throw new SyntaxProblem("<<enum>> needs a name");
      i += id.length;
      while (s[i] === " " || s[i] === "\t") i++;
      if (!s.startsWith(">>", i)) throw new SyntaxProblem("<<enum>> has no closing >>");
      return { token: { t: "cmd", word, name: id, ...at }, end: i + 2 };
    }
    while (s[i] === " " || s[i] === "\t") i++;
    if (!s.startsWith(">>", i)) throw new SyntaxProblem(`<<${word}>> takes nothing after it`);
    return { token: { t: "cmd", word, ...at }, end: i + 2 };
  }
  const parts = [];
  let text = "";
  for (;;) {
    if (i >= s.length) throw new SyntaxProblem("command has no closing >>");
    if (s.startsWith(">>", i)) break;
    if (s[i] === "{") {
      if (text) { parts.push(text); text = ""; }
      const { tokens, end } = lexExpression(s, i + 1, "}");
      parts.push({ expr: wholeExpression(tokens) });
      i = end;
    } else text += s[i++];
  }
  if (text) parts.push(text);
  if (parts.length === 0) throw new SyntaxProblem("empty command << >>");
  return { token: { t: "cmd", word: null, parts, ...at }, end: i + 2 };
}

const ESCAPABLE = "\\<>{}#/";

// One physical line's content, up to its end: text, then an optional <<if>> or <<once>>, then tags.
function readText(s, from, at) {
  const parts = [];
  let text = "";
  let i = from;
  const flush = () => { if (text) { parts.push(text); text = ""; } };
  while (i < s.length) {
    const ch = s[i];
    if (ch === "\\") {
      const n = s[i + 1];
      if (n === "[" || n === "]" || n === ":") { text += ch + n; i += 2; continue; } // kept for the markup parser
      if (n !== undefined && ESCAPABLE.includes(n)) { text += n; i += 2; continue; }
      throw new SyntaxProblem(`'\\${n ?? ""}' is not an escape; only \\ < > { } # / [ ] : may follow a backslash`);
    }
    if (ch === "{") {
      flush();
      const { tokens, end } = lexExpression(s, i + 1, "}");
      parts.push({ expr: wholeExpression(tokens) });
      i = end;
      continue;
    }
    if (ch === "#" || s.startsWith("<<", i) || s.startsWith("//", i)) break;
    text += ch;
    i++;
  }
  flush();
  if (parts.length === 0) throw new SyntaxProblem("a line or an option needs text before its command or tags; {\"\"} stands for none");
  const token = { t: "text", parts, tags: [], cond: undefined, ...at };
  const tail = /^\s+$/;
  while (i < s.length) {
    const ch = s[i];
    if (ch === " " || ch === "\t") { i++; continue; }
    if (s.startsWith("//", i)) break;
    if (ch === "#") {
      i++;
      while (s[i] === " " || s[i] === "\t") i++;
      const tag = /^[^ \t\r\n#$<]+/.exec(s.slice(i))?.[0];
      if (!tag) throw new SyntaxProblem("'#' without a tag (write \\# for the character)");
      const cut = tag.indexOf("//");
      token.tags.push(tag);
      i += tag.length;
      if (s[i] === "$" || s[i] === "<" && !s.startsWith("<<", i)) throw new SyntaxProblem(`'${s[i]}' ends a tag too soon`);
      if (cut >= 0) warn(at, "tag-slashes", `tag '${tag}' holds //, which does not begin a comment there`);
      continue;
    }
    if (s.startsWith("<<", i)) {
      if (token.tags.length) throw new SyntaxProblem("a condition must stand before the line's tags");
      if (token.cond) throw new SyntaxProblem("a line takes one condition");
      const { token: c, end } = readCommand(s, i + 2, at);
      if (c.word !== "if" && c.word !== "once") throw new SyntaxProblem(`a command after a line's text: <<${c.word ?? "..."}>> must stand on its own line`);
      token.cond = { once: c.word === "once", expr: c.tokens ? wholeExpression(c.tokens) : null };
      if (c.word === "if" && !token.cond.expr) throw new SyntaxProblem("<<if>> needs an expression");
      i = end;
      continue;
    }
    throw new SyntaxProblem(`'${ch}' after a line's condition or tags`);
  }
  const last = parts[parts.length - 1];
  if (typeof last === "string") parts[parts.length - 1] = last.replace(tail, "") === "" ? "" : last.replace(/\s+$/, "");
  return token;
}

const indentOf = (s) => [...(/^[ \t]*/.exec(s)[0])].reduce((n, c) => n + (c === "\t" ? 8 : 1), 0);

// Lines of one node's body to a flat list of tokens with indents and dedents, as the compiler's
// lexer makes them: indents count only after an option or a line-group item, and an empty line has
// indent 0, so that it closes every open option.
function lexBody(lines, file) {
  const out = [];
  let open = [];
  let last = 0;
  let track = false;
  let seen = -1;
  let done = false;
  for (let n = 0; n < lines.length && !done; n++) {
    const { text: s, line } = lines[n];
    const at = { file, line };
    let i = 0;
    let any = false;
    try {
      for (;;) {
        while (s[i] === " " || s[i] === "\t") i++;
        if (i >= s.length) break;
        if (s.startsWith("//", i)) { any = true; break; }
        any = true;
        if (s.startsWith("->", i)) { out.push({ t: "->", ...at }); track = true; i += 2; continue; }
        if (s.startsWith("=>", i)) { out.push({ t: "=>", ...at }); track = true; i += 2; continue; }
        if (s.startsWith("<<", i)) {
          const prev = out[out.length - 1];
          if (prev && (prev.t === "->" || prev.t === "=>")) throw new SyntaxProblem("an option needs text before its condition");
          const { token, end } = readCommand(s, i + 2, at);
          out.push(token);
          i = end;
          if (token.word === null && s.slice(i).trim().startsWith("#")) throw new SyntaxProblem("a tag after a command");
          continue;
        }
        out.push(readText(s, i, at));
        break;
      }
    } catch (e) {
      if (!(e instanceof SyntaxProblem)) throw e;
      error(at, "syntax", e.message);
    }
    // the newline after this line, with the next line's indent
    const next = lines[n + 1];
    const indent = next ? indentOf(next.text) : 0;
    const nowLine = n + 2;
    if (seen !== -1 && !any) {
      if (nowLine - seen === 1) out.push({ t: "BLANK", ...at });
      seen = -1;
    }
    const arrowHere = track;
    if (track) {
      if (indent > last) { open.push(indent); out.push({ t: "INDENT", ...at }); }
      track = false;
      seen = nowLine;
    }
    let closed = 0;
    while (open.length && indent < open[open.length - 1]) {
      out.push({ t: "DEDENT", ...at });
      open.pop();
      closed++;
      if (!open.length) seen = nowLine;
    }
    if (next && next.text.trim() === "" && (closed || arrowHere)) {
      const after = lines.slice(n + 2).find((x) => x.text.trim() !== "");
      const inside = after && (arrowHere ? indentOf(after.text) > last : indentOf(after.text) >= last && indentOf(after.text) > 0);
      if (inside && !/^\s*(->|=>)/.test(after.text)) {
        warn({ file, line: next.line }, "blank-line-ends-option", "an empty line closes the option above it: the indented line after it is not inside that option");
      }
    }
    last = indent;
  }
  while (open.length) { out.push({ t: "DEDENT", file, line: lines[lines.length - 1]?.line }); open.pop(); }
  return out;
}

// ------------------------------------------------------------------ tokens to statements

function parseBody(tokens, node) {
  let i = 0;
  const peek = () => tokens[i];
  const isCmd = (...words) => peek()?.t === "cmd" && words.includes(peek().word);

  function need(tok, what) {
    if (!tok.tokens || tok.tokens.length === 0) { error(tok, "syntax", `<<${tok.word}>> needs ${what}`); return null; }
    try { return wholeExpression(tok.tokens); } catch (e) {
      if (!(e instanceof SyntaxProblem)) throw e;
      error(tok, "syntax", e.message);
      return null;
    }
  }

  function block(stop) {
    const list = [];
    while (i < tokens.length && !stop()) {
      const before = i;
      const st = statement();
      if (st) list.push(st);
      if (i === before) i++;
    }
    return list;
  }

  function items(mark, kind) {
    const list = [];
    const first = peek();
    while (peek()?.t === mark) {
      const arrow = tokens[i++];
      if (peek()?.t !== "text") {
        error(arrow, "syntax", `${mark} without text`);
        continue;
      }
      const line = tokens[i++];
      let body = [];
      if (peek()?.t === "INDENT") {
        i++;
        body = block(() => peek()?.t === "DEDENT");
        if (peek()?.t === "DEDENT") i++;
        if (body.length === 0) error(arrow, "syntax", "an indented block under an option holds no statement");
      }
      list.push({ line, body });
      if (peek()?.t === "BLANK") { i++; break; }
    }
    return { k: kind, items: list, file: first.file, line: first.line };
  }

  function statement() {
    const tok = peek();
    switch (tok.t) {
      case "text": i++; return { k: "line", line: tok, file: tok.file, at: tok.line };
      case "->": return items("->", "options");
      case "=>": return items("=>", "group");
      case "INDENT": {
        i++;
        const list = block(() => peek()?.t === "DEDENT");
        if (peek()?.t === "DEDENT") i++;
        return { k: "block", body: list };
      }
      case "BLANK": i++; return null;
      case "DEDENT": i++; return null;
      case "cmd": return command(tok);
      default: i++; return null;
    }
  }

  function command(tok) {
    i++;
    const at = { file: tok.file, line: tok.line };
    switch (tok.word) {
      case "if": {
        const arms = [{ cond: need(tok, "an expression"), body: block(() => isCmd("elseif", "else", "endif")) }];
        while (isCmd("elseif")) {
          const c = tokens[i++];
          arms.push({ cond: need(c, "an expression"), body: block(() => isCmd("elseif", "else", "endif")) });
        }
        if (isCmd("else")) { i++; arms.push({ cond: null, body: block(() => isCmd("elseif", "else", "endif")) }); }
        if (isCmd("endif")) i++;
        else error(at, "syntax", isCmd("elseif", "else") ? `<<${peek().word}>> after <<else>>` : "<<if>> has no <<endif>> before the node ends");
        return { k: "if", arms, ...at };
      }
      case "once": {
        let cond = null;
        if (tok.tokens) cond = need(tok, "an expression");
        const body = block(() => isCmd("else", "endonce"));
        let other = [];
        if (isCmd("else")) { i++; other = block(() => isCmd("endonce")); }
        if (isCmd("endonce")) i++;
        else error(at, "syntax", "<<once>> has no <<endonce>>");
        return { k: "once", cond, body, other, key: `${node.title}:${tok.line}`, ...at };
      }
      case "elseif": case "else": case "endif": case "endonce": case "endenum": case "case":
        error(at, "syntax", `<<${tok.word}>> without its opening command`);
        return null;
      case "set": {
        const [v, op, ...rest] = tok.tokens;
        if (v?.t !== "var") { error(at, "syntax", "<<set>> needs a variable, $name"); return null; }
        if (op?.t !== "op" || !["=", "+=", "-=", "*=", "/=", "%="].includes(op.v)) { error(at, "syntax", `<<set ${v.v}>>: '=', 'to', '+=', '-=', '*=', '/=' or '%=' is expected (names hold letters, digits and _)`); return null; }
        try {
          return { k: "set", name: v.v, op: op.v, value: wholeExpression(rest), ...at };
        } catch (e) {
          if (!(e instanceof SyntaxProblem)) throw e;
          error(at, "syntax", e.message);
          return null;
        }
      }
      case "declare": {
        const [v, op, ...rest] = tok.tokens;
        if (v?.t !== "var") { error(at, "syntax", "<<declare>> needs a variable, $name"); return null; }
        if (op?.t !== "op" || op.v !== "=") { error(at, "syntax", `<<declare ${v.v}>>: '=' and a value are expected (names hold letters, digits and _)`); return null; }
        let as = null;
        let toks = rest;
        const cut = rest.findIndex((t) => t.t === "id" && t.v === "as");
        if (cut >= 0) {
          as = rest[cut + 1]?.v ?? null;
          if (rest.length !== cut + 2) error(at, "syntax", "'as' takes one type's name");
          toks = rest.slice(0, cut);
        }
        try {
          return { k: "declare", name: v.v, value: wholeExpression(toks), as, ...at };
        } catch (e) {
          if (!(e instanceof SyntaxProblem)) throw e;
          error(at, "syntax", e.message);
          return null;
        }
      }
      case "enum": {
        const cases = [];
        for (;;) {
          while (peek() && (peek().t === "INDENT" || peek().t === "DEDENT")) i++;
          if (!isCmd("case")) break;
          const c = tokens[i++];
          const [name, op, ...rest] = c.tokens;
          let value = null;
          if (op) { try { value = wholeExpression(rest); } catch (e) { if (!(e instanceof SyntaxProblem)) throw e; error(c, "syntax", e.message); } }
          if (name?.t !== "id") error(c, "syntax", "<<case>> needs a name");
          else cases.push({ name: name.v, value });
        }
        if (cases.length === 0) error(at, "syntax", "<<enum>> has no <<case>>");
        if (isCmd("endenum")) i++;
        else error(at, "syntax", "<<enum>> has no <<endenum>>");
        return { k: "enum", name: tok.name, cases, ...at };
      }
      case "call": {
        const e = need(tok, "a function call");
        if (e && e.k !== "call") error(at, "syntax", "<<call>> needs a function call");
        return { k: "callst", expr: e, ...at };
      }
      case "jump": case "detour": {
        if (tok.target) return { k: tok.word, target: tok.target, ...at };
        return { k: tok.word, expr: need(tok, "a node"), ...at };
      }
      case "return": return { k: "return", ...at };
      case "local": error(at, "syntax", "<<local>> is kept for a later version"); return null;
      default: {
        const first = typeof tok.parts[0] === "string" ? tok.parts[0].trim() : "";
        if (first === "stop" && tok.parts.length === 1) return { k: "stop", ...at };
        return { k: "command", parts: tok.parts, name: first.split(/\s+/)[0] || null, ...at };
      }
    }
  }

  return block(() => false);
}

// ------------------------------------------------------------------ files to nodes

function parseFile(name, source) {
  const text = source.replace(/^\ufeff/, "");
  const lines = text.split(/\r\n|\n|\r/).map((t, n) => ({ text: t, line: n + 1 }));
  const nodes = [];
  let i = 0;
  const at = (n) => ({ file: name, line: n });
  const bare = (s) => s.replace(/\/\/.*$/, "").trim();
  while (i < lines.length) {
    if (bare(lines[i].text) === "" || lines[i].text.trim().startsWith("#")) { i++; continue; }
    const node = { file: name, line: lines[i].line, headers: [], title: null, when: [], subtitle: null };
    let titles = 0;
    for (; i < lines.length && !lines[i].text.trim().startsWith("---"); i++) {
      const raw = lines[i].text;
      if (bare(raw) === "") continue;
      if (raw.trim().startsWith("===")) { error(at(lines[i].line), "syntax", "'===' before '---': the node has no body"); break; }
      const key = readId(raw.trimStart(), 0);
      const rest = key ? raw.trimStart().slice(key.length) : "";
      const m = /^[ \t]*:[ \t]*(.*)$/.exec(rest);
      if (!key || !m) { error(at(lines[i].line), "syntax", `'${raw.trim().slice(0, 40)}' is not a header (name: value); a header's name holds letters, digits and _`); continue; }
      const value = bare(m[1]);
      node.headers.push({ key, value });
      if (key === "title") {
        titles++;
        const id = readId(value, 0);
        if (!id || id !== value) error(at(lines[i].line), "node-name", `node name '${value}': only letters, digits (not first) and _ are allowed`);
        if (titles > 1) error(at(lines[i].line), "node-title-twice", "a node has one title");
        node.title = node.title ?? value;
      } else if (key === "when") {
        try {
          if (value === "always") node.when.push(null);
          else if (/^once\b/.test(value)) {
            const more = value.slice(4).trim();
            node.when.push({ once: true, expr: more.startsWith("if") ? wholeExpression(lexExpression(more.slice(2), 0, null).tokens) : null });
          } else node.when.push({ once: false, expr: wholeExpression(lexExpression(value, 0, null).tokens) });
        } catch (e) {
          if (!(e instanceof SyntaxProblem)) throw e;
          error(at(lines[i].line), "syntax", `when: ${e.message}`);
        }
      } else if (key === "subtitle") node.subtitle = value;
    }
    if (i >= lines.length) { error(at(node.line), "syntax", "a node's headers are not followed by '---'"); break; }
    if (!lines[i].text.trim().startsWith("---")) { i++; continue; }
    i++;
    const body = [];
    let closed = false;
    for (; i < lines.length; i++) {
      if (lines[i].text.trim().startsWith("===")) { closed = true; break; }
      body.push(lines[i]);
    }
    if (!closed) error(at(node.line), "syntax", `node '${node.title}' has no '===' line`);
    else if (lines[i].text.trim() !== "===" && bare(lines[i].text) !== "===") error(at(lines[i].line), "syntax", "something stands after '===' (a line of text cannot begin with ===)");
    i++;
    if (!node.title) error(at(node.line), "node-title", "a node needs a title");
    node.statements = parseBody(lexBody(body, name), node);
    if (node.statements.length === 0) warn(at(node.line), "empty-node", `node '${node.title}' is empty and is left out of the compiled story`);
    nodes.push(node);
  }
  return nodes;
}

// ------------------------------------------------------------------ static checks

const LIBRARY = {
  visited: ["bool", "string"], visited_count: ["number", "string"], has_any_content: ["bool", "string"],
  random: ["number"], random_range: ["number", "number", "number"], random_range_float: ["number", "number", "number"],
  dice: ["number", "number"], min: ["number", "number", "number"], max: ["number", "number", "number"],
  round: ["number", "number"], round_places: ["number", "number", "number"], floor: ["number", "number"],
  ceil: ["number", "number"], inc: ["number", "number"], dec: ["number", "number"], decimal: ["number", "number"],
  int: ["number", "number"], string: ["string", "any"], number: ["number", "any"], bool: ["bool", "any"],
  format: ["string", "string", "any"], format_invariant: ["string", "number"],
  string_contains: ["bool", "string", "string"], string_starts_with: ["bool", "string", "string"],
  string_ends_with: ["bool", "string", "string"], string_compare: ["number", "string", "string"],
  formula_divide: ["number", "number", "number"], formula_power: ["number", "number", "number"],
  formula_round: ["number", "number"], formula_floor: ["number", "number"],
  formula_ceil: ["number", "number"], formula_result: ["number", "number"],
};

function eachStatement(list, visit) {
  for (const st of list ?? []) {
    visit(st);
    if (st.k === "block") eachStatement(st.body, visit);
    if (st.k === "if") for (const a of st.arms) eachStatement(a.body, visit);
    if (st.k === "once") { eachStatement(st.body, visit); eachStatement(st.other, visit); }
    if (st.k === "options" || st.k === "group") for (const it of st.items) eachStatement(it.body, visit);
  }
}
const expressionsOf = (st) => {
  const inText = (parts) => (parts ?? []).filter((p) => typeof p !== "string").map((p) => ({ e: p.expr }));
  const ofLine = (l) => [...inText(l.parts), ...(l.cond?.expr ? [{ e: l.cond.expr, want: "bool" }] : [])];
  switch (st.k) {
    case "line": return ofLine(st.line);
    case "options": case "group": return st.items.flatMap((it) => ofLine(it.line));
    case "if": return st.arms.filter((a) => a.cond).map((a) => ({ e: a.cond, want: "bool" }));
    case "once": return st.cond ? [{ e: st.cond, want: "bool" }] : [];
    case "set": case "declare": return [{ e: st.value }];
    case "callst": return st.expr ? [{ e: st.expr }] : [];
    case "command": return inText(st.parts);
    case "jump": case "detour": return st.expr ? [{ e: st.expr, want: "string" }] : [];
    default: return [];
  }
};
const linesOf = (st) => (st.k === "line" ? [st.line] : st.k === "options" || st.k === "group" ? st.items.map((it) => it.line) : []);
const lineIdOf = (l) => l.tags.find((t) => t.startsWith("line:")) ?? null;
const rawTextOf = (l) => {
  let n = 0;
  return l.parts.map((p) => (typeof p === "string" ? p : `{${n++}}`)).join("").trim();
};

function staticChecks(nodes, opts) {
  const byTitle = new Map();
  for (const n of nodes) {
    if (!n.title) continue;
    if (!byTitle.has(n.title)) byTitle.set(n.title, []);
    byTitle.get(n.title).push(n);
  }
  for (const [title, list] of byTitle) {
    if (list.length < 2) continue;
    if (list.some((n) => n.when.length === 0)) {
      const bad = list.find((n) => n.when.length === 0);
      error(bad, list.some((n) => n.when.length) ? "node-group-when" : "duplicate-node", list.some((n) => n.when.length)
        ? `every node named '${title}' needs a when: header` : `more than one node is named '${title}'`);
    }
    const subs = list.map((n) => n.subtitle).filter(Boolean);
    if (new Set(subs).size !== subs.length) error(list[1], "duplicate-subtitle", `two nodes named '${title}' have one subtitle`);
  }
  const enums = new Map();
  const declared = new Map();
  for (const node of nodes) eachStatement(node.statements, (st) => {
    if (st.k === "enum") {
      if (enums.has(st.name)) error(st, "duplicate-enum", `enum ${st.name} is declared twice`);
      const names = st.cases.map((c) => c.name);
      if (new Set(names).size !== names.length) error(st, "enum-cases", `enum ${st.name} has a case twice`);
      const values = st.cases.filter((c) => c.value).map((c) => (c.value.k === "lit" ? c.value.v : undefined));
      if (values.some((v) => v === undefined)) error(st, "enum-values", `enum ${st.name}: a case's value must be a number or a string`);
      else if (new Set(values.map((v) => typeof v)).size > 1) error(st, "enum-values", `enum ${st.name}: values of more than one type`);
      else if (new Set(values).size !== values.length) error(st, "enum-values", `enum ${st.name}: a value twice`);
      else if (values.some((v) => typeof v === "string") && values.length !== st.cases.length) error(st, "enum-values", `enum ${st.name}: with string values every case needs one`);
      enums.set(st.name, new Map(st.cases.map((c, n) => [c.name, c.value?.k === "lit" ? c.value.v : n])));
    }
    if (st.k === "declare") {
      if (declared.has(st.name)) error(st, "variable-twice", `${st.name} is declared twice`);
      else declared.set(st.name, st);
    }
  });
  const types = new Map();
  const used = new Map();
  const games = new Map(opts.functions.map((f) => { const [n, c] = f.split("/"); return [n, c === undefined ? null : Number(c)]; }));
  const NAMES = { number: "number", string: "string", bool: "bool" };

  function typeOf(e, at) {
    if (!e) return null;
    switch (e.k) {
      case "lit": return typeof e.v === "number" ? "number" : typeof e.v === "boolean" ? "bool" : "string";
      case "group": return typeOf(e.a, at);
      case "var": {
        used.set(e.name, used.get(e.name) ?? at);
        return types.get(e.name) ?? null;
      }
      case "member": {
        const owners = e.type ? [e.type] : [...enums].filter(([, m]) => m.has(e.name)).map(([n]) => n);
        if (e.type && !enums.has(e.type)) error(at, "type", `no enum is named ${e.type}`);
        else if (e.type && !enums.get(e.type).has(e.name)) error(at, "type", `enum ${e.type} has no case ${e.name}`);
        else if (owners.length === 0) error(at, "type", `no enum has a case ${e.name}`);
        else if (owners.length > 1) error(at, "type", `.${e.name} could belong to ${owners.join(" or ")}`);
        return owners.length === 1 ? owners[0] : null;
      }
      case "neg": {
        const t = typeOf(e.a, at);
        if (t && t !== "number") error(at, "type", `'-' before a ${t}`);
        return "number";
      }
      case "not": {
        const t = typeOf(e.a, at);
        if (t && t !== "bool") error(at, "type", `'not' before a ${t}; 'not' binds tighter than a comparison: write not (a == b)`);
        return "bool";
      }
      case "call": {
        const args = e.args.map((a) => typeOf(a, at));
        if (Object.hasOwn(LIBRARY, e.name)) {
          const [result, ...want] = LIBRARY[e.name];
          if (args.length !== want.length) error(at, "function-arguments", `${e.name} takes ${want.length} argument(s), not ${args.length}`);
          else args.forEach((t, n) => { if (t && want[n] !== "any" && t !== want[n]) error(at, "type", `${e.name}'s argument ${n + 1} is a ${t}, not a ${want[n]}`); });
          return result;
        }
        if (!games.has(e.name)) error(at, "unknown-function", `${e.name}() is not in Yarn Spinner's library; the game must register it (--function ${e.name}/${args.length})`);
        else if (games.get(e.name) !== null && games.get(e.name) !== args.length) error(at, "function-arguments", `${e.name} takes ${games.get(e.name)} argument(s), not ${args.length}`);
        return null;
      }
      case "bin": {
        let a = typeOf(e.a, at);
        let b = typeOf(e.b, at);
        if (!a && b && e.a.k === "var") { types.set(e.a.name, b); a = b; }
        if (!b && a && e.b.k === "var") { types.set(e.b.name, a); b = a; }
        if (a && b && a !== b) error(at, "type", `'${e.op}' between a ${a} and a ${b}`);
        const t = a ?? b;
        if (["&&", "||", "^"].includes(e.op)) { if (t && t !== "bool") error(at, "type", `'${e.op}' between ${t}s`); return "bool"; }
        if (["==", "!="].includes(e.op)) return "bool";
        if (["<", ">", "<=", ">="].includes(e.op)) { if (t && t !== "number") error(at, "type", `'${e.op}' between ${t}s: only numbers can be compared so`); return "bool"; }
        if (e.op === "+") { if (t === "bool") error(at, "type", "'+' between bools"); return t; }
        if (t && t !== "number") error(at, "type", `'${e.op}' between ${t}s`);
        return "number";
      }
      default: return null;
    }
  }

  // An undeclared variable takes its type from its first use: here, standing where a bool must stand.
  function asBool(e, at) {
    let inner = e;
    while (inner.k === "group" || inner.k === "not") inner = inner.a;
    if (inner.k === "var" && !types.has(inner.name)) types.set(inner.name, "bool");
    else if (inner.k === "bin" && ["&&", "||", "^"].includes(inner.op)) { asBool(inner.a, at); asBool(inner.b, at); }
    return typeOf(e, at);
  }

  for (const [name, st] of declared) {
    const t = typeOf(st.value, st);
    if (t) types.set(name, t);
    if (st.as && NAMES[st.as] && t && NAMES[st.as] !== t) error(st, "type", `${name} is declared as ${st.as} but its value is a ${t}`);
    if (st.as && !NAMES[st.as] && !enums.has(st.as)) error(st, "type", `no type is named '${st.as}' (number, string, bool, or an enum)`);
    if (st.as && enums.has(st.as)) types.set(name, st.as);
  }
  const lineIds = new Map();
  const strings = new Map();
  let untagged = 0;
  const targets = new Set();
  const commands = new Set(["wait", "stop"]);
  for (const c of opts.commands) commands.add(c);
  for (const node of nodes) {
    for (const w of node.when) if (w?.expr) { const t = asBool(w.expr, node); if (t && t !== "bool") error(node, "type", "when: needs a bool"); }
    eachStatement(node.statements, (st) => {
      const at = { file: st.file, line: st.line ?? st.at };
      for (const { e, want } of expressionsOf(st)) {
        const t = want === "bool" ? asBool(e, at) : typeOf(e, at);
        if (want && t && t !== want && !(want === "string" && enums.has(t))) error(at, "type", `a ${t} where a ${want} is expected`);
        if (mixesAndOr(e)) warn(at, "and-or", "'and' and 'or' have ONE precedence in Yarn Spinner and group from the left: use parentheses");
      }
      if (st.k === "set") {
        const t = typeOf(st.value, at);
        used.set(st.name, used.get(st.name) ?? at);
        const have = types.get(st.name);
        if (have && t && have !== t) error(at, "type", `${st.name} is a ${have}; a ${t} cannot be put in it`);
        if (!have && t) types.set(st.name, t);
        if (["-=", "*=", "/=", "%="].includes(st.op) && (have ?? t) && (have ?? t) !== "number") error(at, "type", `'${st.op}' on a ${have ?? t}`);
        const d = declared.get(st.name);
        if (d && d.value.k !== "lit" && !(d.value.k === "neg" && d.value.a.k === "lit") && d.value.k !== "member") error(at, "smart-variable", `${st.name} is a smart variable (declared with an expression) and cannot be set`);
      }
      if (st.k === "jump" || st.k === "detour") {
        const target = st.target ?? (st.expr?.k === "lit" && typeof st.expr.v === "string" ? st.expr.v : null);
        if (target) {
          targets.add(target);
          if (!byTitle.has(target)) error(at, "unknown-node", `<<${st.k} ${target}>>: there is no such node`);
        }
      }
      if (st.k === "command" && st.name && opts.commands.length && !commands.has(st.name)) warn(at, "unknown-command", `<<${st.name}>> is not among the commands given`);
      for (const l of linesOf(st)) {
        const ids = l.tags.filter((x) => x.startsWith("line:"));
        if (ids.length > 1) error(l, "line-ids", "more than one #line: tag on a line");
        if (ids.length && l.tags.some((x) => x.startsWith("shadow:"))) error(l, "line-ids", "#line: and #shadow: on a line");
        const id = ids[0];
        if (!id) {
          untagged++;
          if (opts.requireLineIds && !l.tags.some((x) => x.startsWith("shadow:"))) error(l, "no-line-id", `no #line: tag: ${rawTextOf(l).slice(0, 60)}`);
        } else if (lineIds.has(id)) error(l, "duplicate-line-id", `#${id} stands on line ${lineIds.get(id).line} of ${lineIds.get(id).file} too`);
        else { lineIds.set(id, l); strings.set(id, rawTextOf(l)); }
      }
    });
  }
  for (const node of nodes) {
    (function unreachable(list) {
      list.forEach((st, n) => {
        if (["jump", "stop", "return"].includes(st.k) && n < list.length - 1) {
          warn(st, "unreachable", `what follows <<${st.k}>> here never runs`);
        }
      });
    })(node.statements);
  }
  for (const node of nodes) eachStatement(node.statements, (st) => {
    for (const l of linesOf(st)) for (const tag of l.tags.filter((x) => x.startsWith("shadow:"))) {
      const source = lineIds.get("line:" + tag.slice(7));
      if (!source) error(l, "shadow-line", `#${tag}: no line has that id`);
      else if (rawTextOf(source) !== rawTextOf(l)) error(l, "shadow-line", `#${tag}: the text must be the source line's`);
      if (l.parts.some((p) => typeof p !== "string") || source?.parts.some((p) => typeof p !== "string")) error(l, "shadow-line", `#${tag}: a shadow line holds no expression`);
    }
  });
  const reads = (e, into) => {
    if (!e || typeof e !== "object") return into;
    if (e.k === "var") into.add(e.name);
    for (const x of [e.a, e.b, ...(e.args ?? [])]) reads(x, into);
    return into;
  };
  for (const [name, st] of declared) {
    const seenNames = new Set();
    const todo = [...reads(st.value, new Set())];
    while (todo.length) {
      const n = todo.pop();
      if (n === name) { error(st, "smart-variable", `${name} is declared by way of itself`); break; }
      if (seenNames.has(n) || !declared.has(n)) continue;
      seenNames.add(n);
      todo.push(...reads(declared.get(n).value, new Set()));
    }
  }
  for (const [name, at] of used) {
    if (!declared.has(name)) {
      if (!types.has(name)) error(at, "type", `${name}'s type cannot be told: declare it`);
      else warn(at, "undeclared", `${name} is used but not declared`);
    }
  }
  return { byTitle, declared, enums, types, lineIds, strings, untagged, targets };
}

// ------------------------------------------------------------------ playing

class Signal extends Error {}
class JumpSignal extends Signal { constructor(target) { super("jump"); this.target = target; } }
class ReturnSignal extends Signal {}
class StopSignal extends Signal { constructor(why) { super("stop"); this.why = why; } }

const show = (v) => (typeof v === "boolean" ? (v ? "True" : "False") : typeof v === "number" ? String(Number(v.toPrecision(7))) : String(v));

function plainText(s) {
  return s.replace(/\[nomarkup\]([\s\S]*?)\[\/nomarkup\]/g, (_, x) => x.replace(/\[/g, "\u0001").replace(/\]/g, "\u0002"))
    .replace(/\\\[/g, "\u0001").replace(/\\\]/g, "\u0002").replace(/\\:/g, ":")
    .replace(/\[[^\[\]]*\]/g, "").replace(/\u0001/g, "[").replace(/\u0002/g, "]").trim();
}

class Player {
  constructor(facts, opts, choose) {
    Object.assign(this, { facts, opts, choose, events: [], steps: 0, turn: 0, visits: {}, once: new Set(), vars: {}, notes: [] });
    for (const [name, st] of facts.declared) this.vars[name] = this.value(st.value);
    for (const pair of opts.set) {
      const at = pair.indexOf("=");
      const raw = pair.slice(at + 1);
      this.vars[pair.slice(0, at)] = raw === "true" ? true : raw === "false" ? false : raw !== "" && !Number.isNaN(Number(raw)) ? Number(raw) : raw;
    }
  }
  tick() { if (++this.steps > this.opts.maxSteps) throw new StopSignal("max-steps"); }
  value(e) {
    switch (e.k) {
      case "lit": return typeof e.v === "number" ? single(e.v) : e.v;
      case "group": return this.value(e.a);
      case "var": {
        const d = this.facts.declared.get(e.name);
        if (d && !["lit", "neg", "member"].includes(d.value.k)) return this.value(d.value);
        if (!(e.name in this.vars)) {
          const t = this.facts.types.get(e.name);
          return t === "string" ? "" : t === "bool" ? false : 0;
        }
        return this.vars[e.name];
      }
      case "member": {
        for (const [n, m] of this.facts.enums) if ((!e.type || e.type === n) && m.has(e.name)) return m.get(e.name);
        throw new Error(`no enum case .${e.name}`);
      }
      case "neg": return -this.value(e.a);
      case "not": return !this.value(e.a);
      case "call": return this.call(e.name, e.args.map((a) => this.value(a)));
      case "bin": {
        const a = this.value(e.a);
        if (e.op === "&&") return Boolean(a) && Boolean(this.value(e.b));
        if (e.op === "||") return Boolean(a) || Boolean(this.value(e.b));
        const b = this.value(e.b);
        switch (e.op) {
          case "^": return Boolean(a) !== Boolean(b);
          case "==": return a === b;
          case "!=": return a !== b;
          case "<": return a < b;
          case ">": return a > b;
          case "<=": return a <= b;
          case ">=": return a >= b;
          case "+": return typeof a === "number" ? single(a + b) : a + b;
          case "-": return single(a - b);
          case "*": return single(a * b);
          case "/": return single(a / b);
          default: return Math.trunc(a) % Math.trunc(b);
        }
      }
      default: throw new Error(`cannot evaluate ${e.k}`);
    }
  }
  call(name, args) {
    const [a, b] = args;
    switch (name) {
      case "visited": return (this.visits[a] ?? 0) > 0;
      case "visited_count": return this.visits[a] ?? 0;
      case "has_any_content": return (this.facts.byTitle.get(a) ?? []).some((n) => this.mayRun(n));
      case "random": return 0.5;
      case "random_range": case "random_range_float": return a;
      case "dice": return 1;
      case "min": return Math.min(a, b);
      case "max": return Math.max(a, b);
      case "round": return Math.round(a);
      case "round_places": return Number(a.toFixed(b));
      case "floor": return Math.floor(a);
      case "ceil": return Math.ceil(a);
      case "inc": return Number.isInteger(a) ? a + 1 : Math.ceil(a);
      case "dec": return Number.isInteger(a) ? a - 1 : Math.floor(a);
      case "decimal": return a - Math.trunc(a);
      case "int": return Math.trunc(a);
      case "string": return show(a);
      case "number": return Number(a);
      case "bool": return a === true || a === "true" || a === "True" || (typeof a === "number" && a !== 0);
      case "format": case "format_invariant": return show(b ?? a);
      case "string_contains": return a.includes(b);
      case "string_starts_with": return a.startsWith(b);
      case "string_ends_with": return a.endsWith(b);
      case "string_compare": return a < b ? -1 : a > b ? 1 : 0;
      case "formula_divide": return b === 0 ? NaN : single(a / b);
      case "formula_power": return a === 0 && b < 0 ? NaN : single(Math.pow(a, b));
      case "formula_round": return Math.sign(a) * Math.floor(Math.abs(a) + 0.5);
      case "formula_floor": return Math.floor(a);
      case "formula_ceil": return Math.ceil(a);
      case "formula_result": return Number.isFinite(a) ? a : 0;
      default: throw new Error(`${name} is no function`);
    }
  }
  text(parts) { return parts.map((p) => (typeof p === "string" ? p : show(this.value(p.expr)))).join(""); }
  onceKey(l) { return lineIdOf(l) ?? `${l.file}:${l.line}`; }
  allowed(l) {
    if (!l.cond) return true;
    if (l.cond.once && this.once.has(this.onceKey(l))) return false;
    return l.cond.expr ? Boolean(this.value(l.cond.expr)) : true;
  }
  // A string table's text with the values of the line's expressions put in, as the engine does.
  translated(l) {
    const found = this.texts[lineIdOf(l)];
    if (found === undefined) throw new Error(`no text for ${lineIdOf(l)}`);
    const values = l.parts.filter((p) => typeof p !== "string").map((p) => show(this.value(p.expr)));
    return values.reduce((text, value, n) => text.split(`{${n}}`).join(value), found);
  }
  lineEvent(l, type) {
    const raw = this.translated(l);
    const tags = l.tags.filter((t) => !t.startsWith("line:"));
    const who = /^((?:[^:\\]|\\.)+?)\s*:\s*/.exec(raw);
    const said = who && type === "line" ? raw.slice(who[0].length) : raw;
    return { type, speaker: who && type === "line" ? plainText(who[1]) : null, text: plainText(said), id: lineIdOf(l), tags };
  }
  mayRun(n) { return n.when.every((w) => !w || ((!w.once || !this.once.has(`node:${n.title}:${n.line}`)) && (!w.expr || Boolean(this.value(w.expr))))); }
  node(title) {
    const list = this.facts.byTitle.get(title);
    if (!list) throw new Error(`no node named '${title}'`);
    const node = list.length === 1 && list[0].when.length === 0 ? list[0] : list.find((n) => this.mayRun(n));
    if (!node) return;
    for (const w of node.when) if (w?.once) this.once.add(`node:${node.title}:${node.line}`);
    this.tick();
    const tracked = !node.headers.some((h) => h.key === "tracking" && h.value === "never");
    try { this.run(node.statements); } finally { if (tracked) this.visits[title] = (this.visits[title] ?? 0) + 1; }
  }
  run(list) {
    for (const st of list) {
      switch (st.k) {
        case "block": this.run(st.body); break;
        case "line":
          if (!this.allowed(st.line)) break;
          this.tick();
          if (st.line.cond?.once) this.once.add(this.onceKey(st.line));
          this.events.push(this.lineEvent(st.line, "line"));
          break;
        case "options": {
          this.tick();
          const offered = st.items.map((it) => ({ ...this.lineEvent(it.line, "option"), available: this.allowed(it.line) }));
          const open = offered.map((o, n) => (o.available ? n : -1)).filter((n) => n >= 0);
          if (open.length === 0) {
            this.events.push({ type: "options", options: offered, picked: null });
            break;
          }
          const picked = this.choose(open, offered, this.turn++);
          this.events.push({ type: "options", options: offered, picked: picked < 0 ? null : picked });
          if (picked < 0) break;
          const it = st.items[picked];
          if (it.line.cond?.once) this.once.add(this.onceKey(it.line));
          this.run(it.body);
          break;
        }
        case "group": {
          const it = st.items.find((x) => this.allowed(x.line));
          if (!it) break;
          this.tick();
          if (it.line.cond?.once) this.once.add(this.onceKey(it.line));
          this.events.push(this.lineEvent(it.line, "line"));
          this.run(it.body);
          break;
        }
        case "if": {
          const arm = st.arms.find((a) => a.cond === null || Boolean(this.value(a.cond)));
          if (arm) this.run(arm.body);
          break;
        }
        case "once":
          if (!this.once.has(st.key) && (!st.cond || Boolean(this.value(st.cond)))) { this.once.add(st.key); this.run(st.body); } else this.run(st.other);
          break;
        case "set": {
          const v = this.value(st.value);
          const old = this.value({ k: "var", name: st.name });
          const left = st.op === "=" ? v : st.op === "+=" ? old + v : st.op === "-=" ? old - v : st.op === "*=" ? old * v : st.op === "/=" ? old / v : old % v;
          this.vars[st.name] = typeof left === "number" ? single(left) : left;
          break;
        }
        case "callst": if (st.expr) this.value(st.expr); break;
        case "command": this.tick(); this.events.push({ type: "command", text: this.text(st.parts).trim() }); break;
        case "jump": throw new JumpSignal(st.target ?? String(this.value(st.expr)));
        case "detour":
          try { this.node(st.target ?? String(this.value(st.expr))); } catch (e) { if (!(e instanceof ReturnSignal)) throw e; }
          break;
        case "return": throw new ReturnSignal();
        case "stop": throw new StopSignal("stop");
        default: break;
      }
    }
  }
  play(start) {
    let at = start;
    for (;;) {
      try { this.node(at); return "end"; } catch (e) {
        if (e instanceof JumpSignal) { at = e.target; continue; } // a jump leaves every detour behind
        if (e instanceof ReturnSignal) return "end";
        if (e instanceof StopSignal) return e.why;
        throw e;
      }
    }
  }
}

// ------------------------------------------------------------------ serving

let facts = null;
const single = Math.fround;

function load(files) {
  problems.length = 0;
  const nodes = Object.entries(files).flatMap(([name, text]) => parseFile(name, text));
  facts = staticChecks(nodes, { functions: [], commands: [], requireLineIds: true });
  const of = (level) => problems.filter((p) => p.level === level).map((p) => `${p.file}:${p.line} ${p.code}: ${p.message}`);
  return { errors: of("error"), warnings: of("warning"), strings: Object.fromEntries(facts.strings), nodes: nodes.map((n) => n.title) };
}

function play({ start, seed, most, texts }) {
  let state = (seed % 2147483646) + 1;
  const events = [];
  const errors = [];
  const choose = (open) => {
    if (open.length === 1) return open[0];
    state = (state * 48271) % 2147483647;
    return open[state % open.length];
  };
  const player = new Player(facts, { set: [], maxSteps: 30000 }, choose);
  player.texts = texts;
  player.events = {
    push(event) {
      if (event.type === "options") {
        const open = event.options.filter((o) => o.available).map((o) => o.text);
        const taken = event.options.slice(0, event.picked ?? 0).filter((o) => o.available).length;
        events.push({ options: open, index: event.picked === null ? null : taken });
      } else events.push(event);
      if (events.length >= most) throw new StopSignal("most");
    },
  };
  let ended;
  try {
    ended = player.play(start);
  } catch (error) {
    ended = error instanceof RangeError ? "too deep" : "error";
    if (ended === "error") errors.push(String(error.message));
  }
  const variables = {};
  for (const name of facts.declared.keys()) variables[name] = player.value({ k: "var", name });
  return { events, variables, ended, errors };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  process.stdout.write(JSON.stringify(request.load ? load(request.load) : play(request.play)) + "\n");
});
