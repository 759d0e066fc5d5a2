// node compile.js FILE: checks FILE and what it imports, writes JavaScript beside each, and says on stderr what is wrong.
"use strict";
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

const host = ts.createCompilerHost(options);
const read = host.getSourceFile;
const declarations = new Map();
host.getSourceFile = (name, ...rest) => {
  if (!name.startsWith("/usr/")) return read(name, ...rest);
  if (!declarations.has(name)) declarations.set(name, read(name, ...rest));
  return declarations.get(name);
};

// Everything but the program, and the tables of its names. The program itself is looked at after this, not before.
ts.createProgram([], options, host).getTypeChecker();

const program = ts.createProgram([process.argv[2]], options, host);
const { diagnostics, emitSkipped } = program.emit();
const all = ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...diagnostics]);
if (all.length > 0) {
  const format = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => "/box", getNewLine: () => "\n" };
  process.stderr.write(ts.formatDiagnostics(all, format));
}
process.exitCode = emitSkipped || all.some((one) => one.category === ts.DiagnosticCategory.Error) ? 1 : 0;
