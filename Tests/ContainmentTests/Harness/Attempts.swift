internal import Foundation
internal import Testing

/// Counts what the suite tried and what came of it, and prints one line at the end of the run.
enum Attempts {
    private struct Counts {
        var contained = 0
        var breached = 0
        var vacuous: [String] = []
        var skipped: [String] = []
    }

    private static let counts: Locked<Counts> = {
        atexit { Attempts.report() }
        return Locked(Counts())
    }()

    /// Records one attempt.
    ///
    /// - Parameters:
    ///   - row: the row of the catalogue, such as `C04`.
    ///   - capable: whether the control, outside any sandbox, showed that the probe can do it on this machine. Without
    ///     that an attempt is vacuous: never contained, although it is still a failure when it is not `contained`.
    ///   - contained: whether the sandbox gave the expected answer.
    static func record(
        _ row: String, _ what: String, capable: Bool, contained: Bool, _ found: @autoclosure () -> String = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        let name = "\(row) \(what)"
        counts.withLock {
            if !contained {
                $0.breached += 1
            } else if capable {
                $0.contained += 1
            } else {
                $0.vacuous.append(name)
            }
        }
        if !contained { Issue.record("\(name): not contained: \(found())", sourceLocation: location) }
    }

    /// Records that something could not be tried here.
    static func skip(_ row: String, _ why: String) {
        counts.withLock { $0.skipped.append("\(row) (\(why))") }
    }

    private static func report() {
        counts.withLock { counts in
            let all = counts.contained + counts.breached + counts.vacuous.count
            for (row, names) in Dictionary(grouping: counts.vacuous, by: { $0.prefix { $0 != " " } }).sorted(by: {
                $0.key < $1.key
            }) {
                print(
                    "containment: vacuous: \(row) \(names.count): \(names.map { $0.dropFirst(row.count + 1) }.joined(separator: "; "))"
                )
            }
            if !counts.skipped.isEmpty { print("containment: skipped: \(counts.skipped.joined(separator: "; "))") }
            print(
                "containment: attempts \(all), contained \(counts.contained), breached \(counts.breached), "
                    + "vacuous \(counts.vacuous.count), skipped \(counts.skipped.count)")
        }
    }
}

extension ChildProcess.Ending {
    /// What follows `name` and a blank on the line that begins so.
    func value(_ name: String) -> String? { lines.value(name) }
}

extension [String] {
    /// What follows `name` and a blank on the line that begins so.
    func value(_ name: String) -> String? {
        first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }
}
