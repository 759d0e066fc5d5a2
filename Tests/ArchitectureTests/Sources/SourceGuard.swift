/// Rules every source file keeps. Pure: text in, complaints out.
enum SourceGuard {
    /// How far above an `unsafe` its reason may stand, in lines.
    static let reach = 12
    static let longestFile = 400

    /// Whether a place where memory safety is left says why, and, in privileged code, is in a file that is named for it.
    static func unexplained(_ code: SwiftCode, file: String, privileged: Bool) -> [String] {
        var complaints: [String] = []
        var reason = Int.min
        for (index, line) in code.lines.enumerated() {
            if code.comments[index].contains("SAFETY:") { reason = index }
            // Not `nonisolated(unsafe)`, which declares; its uses are what compilers ask to be marked.
            guard hasWord("unsafe", in: line.replacing("(unsafe)", with: "")) else { continue }
            if reason < index - reach {
                complaints.append("\(file):\(index + 1): unsafe without a SAFETY comment")
            }
            if privileged && !file.hasSuffix("+Unsafe.swift") {
                complaints.append("\(file):\(index + 1): unsafe in a privileged file not called …+Unsafe.swift")
            }
        }
        return complaints
    }

    /// Code that ends the process instead of failing: `try!`, `as!`, `x!`, `fatalError`.
    static func traps(_ code: SwiftCode, file: String) -> [String] {
        code.lines.enumerated().flatMap { index, line in
            var found: [String] = []
            if line.contains("fatalError(") { found.append("fatalError") }
            if hasForcedUnwrap(line) { found.append("a forced unwrap, cast or try") }
            return found.map { "\(file):\(index + 1): \($0)" }
        }
    }

    /// An exclamation mark right behind an expression or keyword, and not the start of `!=`.
    private static func hasForcedUnwrap(_ line: String) -> Bool {
        let characters = Array(line)
        return characters.indices.contains { index in
            guard characters[index] == "!", index > 0 else { return false }
            let before = characters[index - 1]
            guard before.isLetter || before.isNumber || "_)]}\"?".contains(before) else { return false }
            return index + 1 == characters.count || characters[index + 1] != "="
        }
    }

    private static func hasWord(_ word: String, in line: String) -> Bool {
        line.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "@" && $0 != "-" }.contains { $0 == word }
    }

    /// Marks of unfinished work, in code and comments alike.
    static func unfinished(_ text: String, file: String) -> [String] {
        // Put together, so that a search for them does not find this line.
        mentions(of: ["TO" + "DO", "FIX" + "ME", "XX" + "X:"], in: text, file: file)
    }

    /// Paths that exist on the machine of whoever wrote them.
    static func machinePaths(_ text: String, file: String, root: String) -> [String] {
        var paths = ["/home/", "/Users/", "/root/"]
        // "/src" alone says too little to be looked for.
        if root.split(separator: "/").count > 1 { paths.append(root + "/") }
        return mentions(of: paths, in: text, file: file)
    }

    private static func mentions(of words: [String], in text: String, file: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            words.filter { line.contains($0) }.map { "\(file):\(index + 1): \($0)" }
        }
    }

    static func tooLong(_ text: String, file: String) -> [String] {
        let count = text.utf8.count { $0 == UInt8(ascii: "\n") }
        return count > longestFile ? ["\(file): \(count) lines, at most \(longestFile) are allowed"] : []
    }
}
