internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import RunModel
internal import ServerSettings

/// `nestbox bench`: becomes `Benchmarks/warm`, which measures this installation.
///
/// A benchmark is a client and a stopwatch. One that shared code with the service would measure less of it.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this installation beside bare programs, bubblewrap and runc.",
        discussion: """
            Takes the options of the script it becomes; 'nestbox bench --help' lists them. Needs root and python3.

            EXAMPLES
              nestbox bench --quick
              nestbox bench --only latency,saturated --json figures.json
            """, helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Options of the script.", valueName: "option"))
    var options: [String] = []

    func run() throws {
        let script = try Self.script()
        guard case .success(let nestboxd) = Installation.companion("nestboxd") else {
            throw Self.failure("nestboxd is missing or not executable beside \(Installation.executable)")
        }
        // What is given later wins, so that another nestboxd can be measured.
        var words: [UnsafeMutablePointer<CChar>?] = ([script, "--nestboxd", nestboxd] + options).map { strdup($0) }
        words.append(nil)
        // What its help and its errors are to call it.
        setenv("NESTBOX_PROGRAM", "nestbox bench", 1)
        execv(script, words)
        let reason = errno == ENOENT ? "python3 is needed, and not there" : String(cString: strerror(errno))
        throw Self.failure("\(script): \(reason)")
    }

    /// `warm` in `$NESTBOX_BENCHMARKS`, in what Nestbox came with, or in the source tree it was built in.
    private static func script() throws -> String {
        let given = ProcessInfo.processInfo.environment["NESTBOX_BENCHMARKS"].flatMap { $0.isEmpty ? nil : $0 }
        let directory = given ?? Installation.shared("benchmarks", source: "Benchmarks")
        guard let directory else { throw failure("no benchmarks came with \(Installation.executable)") }
        let script = URL(fileURLWithPath: directory).standardizedFileURL.path + "/warm"
        guard Installation.isExecutable(script) else { throw failure("\(script) is missing or not executable") }
        return script
    }

    private static func failure(_ message: String) -> CommandFailure {
        CommandFailure(APIError(.programNotFound, message), asJSON: false)
    }
}
