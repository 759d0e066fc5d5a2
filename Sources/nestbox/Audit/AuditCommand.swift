internal import ArgumentParser
internal import AuditLog
internal import RunModel

/// `nestbox audit`: the audit log of a service.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check the audit log of a service.", subcommands: [AuditVerifyCommand.self])
}

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that no line of an audit log was changed, removed or moved.",
        discussion: """
            Several files are one chain, the oldest first. The first line that does not fit is named, and the exit status is 1. \
            Removed last lines cannot be found that way: compare SEQ and HASH with those that the service has logged.

            EXAMPLES
              nestbox audit verify /var/log/nestbox/audit.jsonl
              nestbox audit verify audit.jsonl.2 audit.jsonl.1 audit.jsonl
            """)

    @Argument(help: ArgumentHelp("The files, the oldest first.", valueName: "file"), completion: .file())
    var files: [String]

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        struct Problem: Encodable {
            let file: String
            /// From 1; 0 when the file itself cannot be read.
            let line: Int
            let reason: String
        }

        let records: Int
        let firstSeq: Int64?
        let lastSeq: Int64
        let lastHash: String
        let problem: Problem?

        private enum CodingKeys: String, CodingKey {
            case records, problem
            case firstSeq = "first_seq"
            case lastSeq = "last_seq"
            case lastHash = "last_hash"
        }
    }

    func run() async throws {
        var chain = AuditChain()
        var found: AuditReader.Break?
        do throws(AuditReader.Break) {
            for file in files { try AuditReader.verify(file, &chain) }
        } catch {
            found = error
        }
        if json {
            try Output.json(
                Report(
                    records: chain.count, firstSeq: chain.first, lastSeq: chain.head.number, lastHash: chain.head.hash,
                    problem: found.map { Report.Problem(file: $0.path, line: $0.line, reason: $0.reason) }))
        } else if let found {
            Console.complain("\(found)")
        } else if let first = chain.first {
            Console.say("\(chain.count) records, seq \(first) to \(chain.head.number), hash \(chain.head.hash)")
            if first > 1 { Console.note("nestbox: records before seq \(first) are in other files") }
        } else {
            Console.say("0 records")
        }
        if found != nil { Console.exit(1) }
    }
}
