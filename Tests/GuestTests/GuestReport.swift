import Foundation

/// What the guest said, taken apart. See Guest/init for the lines.
struct GuestReport: Sendable {
    /// What one `nestbox run` came to.
    struct Run: Sendable {
        let status: Int
        let result: GuestOutcome?
        /// What it printed in place of a result, or its last words.
        let words: String
    }

    /// Of the kernel's things, what was there at one time.
    struct State: Sendable, Equatable {
        var cgroups = ""
        var mounts = ""
        var processes = ""
    }

    private(set) var facts: [String: String] = [:]
    private(set) var runs: [String: Run] = [:]
    private(set) var states: [String: State] = [:]
    private(set) var doctors: [String: (status: Int, findings: [String: Finding])] = [:]
    /// Whether the guest got to its end.
    private(set) var isComplete = false

    struct Finding: Sendable, Decodable {
        let name: String
        let status: String
        let found: String
    }

    private struct Doctor: Decodable {
        let findings: [Finding]
    }

    init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard words.count == 3 else {
                isComplete = isComplete || line == "end"
                continue
            }
            take(words[0], words[1], words[2])
        }
    }

    private mutating func take(_ kind: String, _ name: String, _ text: String) {
        switch kind {
        case "fact": facts[name] = text.trimmingCharacters(in: .whitespaces)
        case "stderr":
            if let run = runs[name] {
                runs[name] = Run(status: run.status, result: run.result, words: run.words + text)
            }
        case "doctor":
            guard let (status, rest) = Self.cut(text) else { return }
            let findings = (try? JSONDecoder().decode(Doctor.self, from: Data(rest.utf8)))?.findings ?? []
            doctors[name] = (Int(status) ?? -1, Dictionary(findings.map { ($0.name, $0) }) { first, _ in first })
        case "run":
            guard let (status, rest) = Self.cut(text) else { return }
            let result = try? JSONDecoder().decode(GuestOutcome.self, from: Data(rest.utf8))
            runs[name] = Run(status: Int(status) ?? -1, result: result, words: result == nil ? rest : "")
        case "state":
            guard let (kind, rest) = Self.cut(text) else { return }
            let value = rest.trimmingCharacters(in: .whitespaces)
            switch kind {
            case "cgroups": states[name, default: State()].cgroups = value
            case "mounts": states[name, default: State()].mounts = value
            default: states[name, default: State()].processes = value
            }
        default: break
        }
    }

    private static func cut(_ text: String) -> (String, String)? {
        guard let space = text.firstIndex(of: " ") else { return nil }
        return (String(text[..<space]), String(text[text.index(after: space)...]))
    }
}

/// The result object of `nestbox run --json`, as far as it is looked at here.
struct GuestOutcome: Sendable, Decodable {
    struct Limit: Sendable, Decodable {
        let name: String
        let used: Double
        let allowed: Double
    }

    struct Usage: Sendable, Decodable {
        let cpu: Double
        let memoryPeak: Int
        let processesPeak: Int

        private enum CodingKeys: String, CodingKey {
            case cpu = "cpu_ms"
            case memoryPeak = "memory_peak_bytes"
            case processesPeak = "processes_peak"
        }
    }

    struct Artifact: Sendable, Decodable, Equatable {
        let path: String
        let bytes: Int
    }

    let verdict: String
    let stdout: String
    let stderr: String
    let limit: Limit?
    let usage: Usage
    let artifacts: [Artifact]
}
