/// Which modules a target's files may import. Pure: text in, complaints out.
enum ImportGuard {
    /// The modules that a source file imports, with their line numbers.
    static func imports(in code: SwiftCode) -> [(module: String, line: Int)] {
        code.lines.enumerated().compactMap { index, line in
            var words = line.split(separator: " ")[...]
            while let word = words.first, word.hasPrefix("@") || Self.levels.contains(String(word)) {
                words = words.dropFirst()
            }
            guard words.popFirst() == "import", var module = words.popFirst() else { return nil }
            if Self.kinds.contains(String(module)), let next = words.first { module = next }
            return (String(module.prefix { $0 != "." }), index + 1)
        }
    }

    private static let levels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]

    /// Imports that `target` has not declared and its zone does not have anyway.
    static func undeclared(_ code: SwiftCode, file: String, target: PackageTarget, zone: Zone) -> [String] {
        let allowed = zone.standardModules.union(target.targets).union(target.products)
        return imports(in: code).filter { !allowed.contains($0.module) }
            .map { "\(file):\($0.line): imports \($0.module), which \(target.name) may not or does not declare" }
    }
}
