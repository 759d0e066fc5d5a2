internal import ArgumentParser
internal import Glibc
internal import RunModel

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine has of what Nestbox needs, and how to fix the rest.",
        discussion: """
            Looks at the kernel, cgroups, the installation, policies, images, a warden that it starts, and what the service needs: its
            settings, user, directories, address and units. Works without root, and then says what a run would lack. Exit status 0
            when runs are possible, 1 when not.

            EXAMPLES
              nestbox doctor
              nestbox doctor --json | jq '.findings[] | select(.status != "ok")'
            """)

    @OptionGroup var directories: DirectoryOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        let findings =
            KernelChecks.findings() + SharedKernelChecks.findings() + CgroupChecks.findings() + WardenChecks.findings()
            + EgressChecks.findings()
            + InstallationChecks.findings(directories) + (await WardenReach.findings(directories))
            + ServiceChecks.findings() + ClockChecks.findings() + UnitChecks.findings()
        let isPossible = findings.allSatisfy { $0.status != .missing }
        if json {
            do throws(APIError) {
                try Output.json(Diagnosis(findings: findings, runsPossible: isPossible))
            } catch {
                throw CommandFailure(error)
            }
        } else {
            show(findings, isPossible)
        }
        Console.exit(isPossible ? 0 : 1)
    }

    private func show(_ all: [Finding], _ isPossible: Bool) {
        let findings = all.filter { !$0.followsFromRoot }
        let width = findings.map(\.name.count).max() ?? 0
        for finding in findings {
            let mark =
                switch finding.status {
                case .ok: "ok      "
                case .degraded: "weaker  "
                case .missing: "MISSING "
                }
            Console.say("\(mark) \(Table.padded(finding.name, width))  \(finding.found)")
            let indent = String(repeating: " ", count: width + 11)
            if let consequence = finding.consequence { Console.say("\(indent)so: \(consequence)") }
            if let remedy = finding.remedy { Console.say("\(indent)to fix it: \(remedy)") }
        }
        let missing = findings.filter { $0.status == .missing }.count
        Console.say(
            isPossible
                ? "runs are possible"
                : "no runs are possible: \(Table.count(missing, "thing is", "things are")) missing")
    }
}

private struct Diagnosis: Encodable {
    let findings: [Finding]
    let runsPossible: Bool

    private enum CodingKeys: String, CodingKey {
        case findings
        case runsPossible = "runs_possible"
    }
}
