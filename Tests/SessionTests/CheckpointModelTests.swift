import Foundation
import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import SessionService
import TestSupport
import Testing
import WardenClient

/// Random sequences of cells, checkpoints, restores, transactions, restarts, stores and resumptions in real sandboxes, against a model of
/// what the session has to hold. NESTBOX_SEQUENCES says how many of each language; a failure names its seed.
@Suite(.serialized) struct CheckpointModelTests {
    struct Language: Sendable, CustomTestStringConvertible {
        let name: String
        let begin: String
        /// Appends the number.
        let append: String
        /// Appends it, and fails; nil where cells do not fail.
        let fail: String?
        /// Appends it to a file, with a comma; nil where cells have no files.
        let write: String?
        /// Prints all numbers.
        let show: String
        /// One sequence for so many of the first language: others take longer.
        let share: Int

        var testDescription: String { name }
    }

    static let languages = [
        Language(
            name: "python", begin: "x = []", append: "x.append(@N)", fail: "x.append(@N); 1/0",
            write: "_ = open('@F', 'a').write('@N,')", show: "print(*x)", share: 1),
        Language(
            name: "ruby", begin: "x = []", append: "x << @N", fail: "x << @N; raise 'no'",
            write: "File.open('@F', 'a') { |f| f.write('@N,') }", show: "puts x.join(' ')", share: 4),
        Language(
            name: "bash", begin: "x=()", append: "x+=(@N)", fail: nil, write: "printf '@N,' >>@F",
            show: #"echo "${x[@]}""#, share: 4),
        Language(
            name: "sqlite", begin: "drop table if exists x; create table x (n integer);",
            append: "insert into x values (@N);", fail: nil, write: nil, show: "select n from x order by rowid;",
            share: 4),
        Language(
            name: "lua", begin: "x = {}", append: "table.insert(x, @N)", fail: "table.insert(x, @N) error('no')",
            write: "f = io.open('@F', 'a') f:write('@N,') f:close()", show: "print(table.concat(x, ' '))", share: 4),
        Language(
            name: "node", begin: "const x = []", append: "x.push(@N)", fail: "x.push(@N); throw new Error('no')",
            write: "require('fs').appendFileSync('@F', '@N,')", show: "console.log(x.join(' '))", share: 8),
    ].filter { SessionHost.isBuilt($0.name) }

    /// What the session has to hold.
    private struct Held: Equatable {
        var numbers: [Int] = []
        var files: [String: String] = [:]
    }

    private struct Walk {
        let language: Language
        let host: SessionHost
        var session: Session
        var numbers: SeededGenerator
        var held = Held()
        var kept: [String: Held] = [:]
        var steps: [String] = []

        mutating func run(_ code: String, _ number: Int, file: String = "", _ policy: TransactionPolicy = .commitAlways)
            async throws -> CellStatus
        {
            let text = code.replacingOccurrences(of: "@N", with: "\(number)").replacingOccurrences(of: "@F", with: file)
            return try await session.run(text) {
                $0.transaction = policy
                $0.stopOnError = false
            }.status
        }

        mutating func step(_ count: Int) async throws {
            let file = "f\(numbers.below(3))"
            switch numbers.below(16) {
            case 0...3:
                steps.append("append \(count)")
                #expect(try await run(language.append, count) == .ok)
                held.numbers.append(count)
            case 4:
                guard let fail = language.fail else { return }
                steps.append("fail \(count)")
                #expect(try await run(fail, count) == .error)
                held.numbers.append(count)
            case 5, 6:
                guard let write = language.write else { return }
                steps.append("write \(count) to \(file)")
                #expect(try await run(write, count, file: file) == .ok)
                held.files[file, default: ""] += "\(count),"
            case 7:
                guard let fail = language.fail else { return }
                steps.append("undo \(count)")
                #expect(try await run(fail, count, .rollbackOnFailure) == .error)
            case 8:
                steps.append("commit \(count)")
                #expect(try await run(language.append, count, .rollbackOnFailure) == .ok)
                held.numbers.append(count)
            case 9, 10:
                guard kept.count < 6 else { return }
                steps.append("checkpoint n\(count)")
                try await session.checkpoint(.make, "n\(count)")
                kept["n\(count)"] = held
            case 11, 12:
                guard let name = kept.keys.sorted().randomElement(using: &numbers) else { return }
                steps.append("restore \(name)")
                let answer = try await session.checkpoint(.restore, name)
                if case .restored(let restoration)? = answer {
                    #expect(restoration.lost.isEmpty, "\(restoration)")
                } else {
                    Issue.record("\(String(describing: answer))")
                }
                held = kept[name] ?? Held()
            case 13:
                guard let name = kept.keys.sorted().randomElement(using: &numbers) else { return }
                steps.append("drop \(name)")
                try await session.checkpoint(.drop, name)
                kept[name] = nil
            case 14:
                steps.append("put \(count) into \(file)")
                try await session.writeFile(try BoxPath(file), Array("\(count);".utf8), executable: false)
                held.files[file] = "\(count);"
            default:
                kept = [:]
                if numbers.below(2) == 0 {
                    steps.append("restart")
                    try await session.restart()
                    held.numbers = []
                    _ = try await session.run(language.begin)
                } else {
                    steps.append("store and resume")
                    let lost = try await session.save(as: "a")
                    #expect(lost.isEmpty, "\(lost)")
                    session.close()
                    _ = await session.ended()
                    session = try await host.service.resume(session.id, owner: SessionHost.owner)
                }
            }
        }

        mutating func check() async throws -> Bool {
            let shown = try await session.run(language.show)
            let text = shown.text + " " + (shown.repr ?? "")
            var found = Held(numbers: text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) })
            for file in ["f0", "f1", "f2"] {
                let bytes = try? await session.readFile(try BoxPath(file))
                found.files[file] = bytes.map { String(decoding: $0, as: UTF8.self) }
            }
            return found == held && shown.status == .ok && session.summary.snapshot.checkpoints == kept.keys.sorted()
        }
    }

    @Test(.enabled(if: !languages.isEmpty, "needs root, and an image built"), arguments: languages)
    func theSessionIsWhatTheModelSays(_ language: Language) async throws {
        let wanted = ProcessInfo.processInfo.environment["NESTBOX_SEQUENCES"].flatMap { Int($0) } ?? 4
        let folder = NSTemporaryDirectory() + "/nestbox-model-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SessionStore(directory: folder, bounds: .init(perOwner: 4), report: { Issue.record("\($0)") })
        let host = try await SessionHost(isPrepared: true, store: store)
        let first = UInt64.random(in: 0...1_000_000)
        var failure: (any Error)?
        for seed in first..<first + UInt64(max(wanted / language.share, 1)) {
            let session = try host.service.create(SessionRequest(language: language.name), owner: SessionHost.owner)
            var walk = Walk(
                language: language, host: host, session: session, numbers: SeededGenerator(seed: seed))
            do {
                _ = try await session.run(language.begin)
                for count in 1...12 {
                    try await walk.step(count)
                    let isRight = try await walk.check()
                    #expect(isRight, "seed \(seed): \(walk.steps.joined(separator: ", ")): not \(walk.held)")
                    if !isRight { break }
                }
            } catch {
                Issue.record("seed \(seed): \(walk.steps.joined(separator: ", ")): \(error)")
                failure = error
            }
            walk.session.close()
            _ = await walk.session.ended()
            _ = await host.service.removeStored(walk.session.id, owner: SessionHost.owner)
            if failure != nil { break }
        }
        host.service.close()
        _ = await host.service.idle(within: .seconds(15))
        await host.connection.close()
    }
}
