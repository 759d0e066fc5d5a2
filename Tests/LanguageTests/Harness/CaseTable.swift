internal import Foundation
internal import RunModel
internal import SandboxSpec

@testable import nestbox

/// The lines of a table of cases: what it is about, in one word or more, which verdicts are right, with the limits one of which
/// has to be named, if any (`compile_error(cpu|wall)`), and an expression that has to match what was printed, or nothing. Empty lines and those that begin with `#` are for people.
struct CaseTable {
    struct Row: Sendable {
        /// As many as the table has in front of the verdicts.
        let words: [String]
        let verdicts: [Verdict]
        /// Of a verdict that has to name one of them.
        let limits: [Verdict: [String]]
        let expression: String?
    }

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    let rows: [Row]

    /// - Throws: `Mistake` for a line that is none, an unknown verdict, or an expression that cannot be read.
    init(_ text: String, words: Int) throws {
        var rows: [Row] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: " ", maxSplits: words + 1)
            guard parts.count > words else {
                throw Mistake(description: "line \(index + 1) has fewer than \(words) words and verdicts: \(line)")
            }
            var verdicts: [Verdict] = []
            var limits: [Verdict: [String]] = [:]
            for word in parts[words].split(separator: ",") {
                let halves = word.split(separator: "(", maxSplits: 1)
                let names = halves.dropFirst().first?.dropLast().split(separator: "|").map(String.init) ?? []
                guard let verdict = halves.first.flatMap({ Verdict(rawValue: String($0)) }),
                    names.allSatisfy({ LimitName(rawValue: $0) != nil })
                else {
                    throw Mistake(description: "line \(index + 1): there is no verdict \(word)")
                }
                verdicts.append(verdict)
                if !names.isEmpty { limits[verdict] = names }
            }
            let expression = parts.count > words + 1 ? String(parts[words + 1]) : nil
            do {
                if let expression { _ = try Regex(expression) }
            } catch {
                throw Mistake(description: "line \(index + 1): \(line): \(error)")
            }
            rows.append(
                Row(
                    words: parts[..<words].map(String.init), verdicts: verdicts, limits: limits,
                    expression: expression))
        }
        self.rows = rows
    }

    /// The table of a file beside the tests.
    static func file(_ path: String, words: Int) -> [Row] {
        do {
            return try CaseTable(
                String(contentsOf: Directory.tests.appendingPathComponent(path), encoding: .utf8), words: words
            )
            .rows
        } catch {
            fatalError("\(path): \(error)")
        }
    }
}

extension CaseTable.Row {
    /// What is wrong with a result; nil when nothing is.
    func complaint(about result: RunResult) throws -> String? {
        var complaints: [String] = []
        if !verdicts.contains(result.outcome.verdict) {
            complaints.append(
                "ended with \(result.outcome.summary), expected \(verdicts.map(\.rawValue).joined(separator: " or "))")
        }
        if let wanted = limits[result.outcome.verdict], !wanted.contains(result.outcome.limit?.name ?? "") {
            complaints.append(
                "named \(result.outcome.limit?.name ?? "no limit"), expected \(wanted.joined(separator: " or "))")
        }
        var texts = [result.stderr, result.stdout].map { String(decoding: $0.bytes, as: UTF8.self) }
        // What Nestbox has to say itself, as of a compiler that made nothing.
        if let error = result.error { texts.append(error.message) }
        if let expression {
            let words = try Regex(expression).anchorsMatchLineEndings().matchingSemantics(.unicodeScalar)
            if !texts.contains(where: { $0.firstMatch(of: words) != nil }) {
                complaints.append("no line matches \(expression)")
            }
        }
        for text in texts {
            for path in Directory.hostPaths where text.contains(path) { complaints.append("names \(path) of the host") }
        }
        if complaints.isEmpty { return nil }
        let printed = texts.map { Expectation.quote(Array($0.utf8)) }.joined(separator: ", ")
        return complaints.joined(separator: "; ") + "; printed \(printed)"
    }
}
