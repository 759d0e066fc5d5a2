internal import ArgumentParser
internal import Images
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import WardenClient

struct ImageCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Run each image's check program in a sandbox and compare what it prints.",
        discussion: """
            Needs root. The program and its output are in the image's image.yaml; the policy is that of the language. It runs \
            cold, and then in a sandbox that was prepared as far as the image can be. Of several images each is shown on \
            stderr as it ends, and a table ends it. With --all, images on an operator's own directory that is not there are skipped.

            EXAMPLES
              nestbox image check python
              nestbox image check --all
            """)

    @OptionGroup var directories: DirectoryOptions
    @OptionGroup var selection: ImageSelection

    @Flag(help: "Print JSON: times in ms, sizes in bytes.")
    var json = false

    mutating func run() async throws {
        do throws(APIError) {
            let catalog = try Catalog(directories)
            let images = try selection.images(in: catalog.images)
            let isBroken = selection.isBroken(in: catalog.images)
            var reports = images.map { ImageCheckReport(catalog.store.status(of: $0)) }
            var plans: [(index: Int, plan: RunPlan)] = []
            for (index, image) in images.enumerated() {
                // An operator's directory is never built: one that is not there is no fault, unless its image was asked for.
                if selection.all, case .directory = image.root, catalog.store.status(of: image).state == .missing {
                    reports[index].skipped = "its directory is not there"
                    continue
                }
                do throws(APIError) {
                    plans.append((index, try Self.plan(image, catalog.planner)))
                } catch {
                    reports[index].errors.append(error.message)
                    Console.complain("image \(image.name): \(error.message)")
                }
            }
            if !plans.isEmpty {
                let connection = try await WardenLauncher.launch(
                    directories, roots: plans.flatMap { $0.plan.steps.map(\.spec.root) })
                for (number, (index, plan)) in plans.enumerated() {
                    await Self.check(images[index], plan, connection, &reports[index])
                    if images.count > 1, !json { Console.note("[\(number + 1)/\(plans.count)] \(reports[index].line)") }
                }
                await connection.close()
            }
            try tell(reports)
            if isBroken || !reports.allSatisfy(\.isGood) { Console.exit(ExitTable.found) }
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }

    private func tell(_ reports: [ImageCheckReport]) throws(APIError) {
        if json { return try Output.json(reports) }
        guard reports.count > 1 else {
            for report in reports {
                if let reason = report.skipped { Console.complain("image \(report.image): \(reason)") }
                Console.say(report.line)
            }
            return
        }
        for line in Table.lines([ImageCheckReport.header] + reports.map(\.row)) { Console.say(line) }
        let failed = reports.filter { !$0.isGood }.map(\.image)
        let skipped = reports.filter { $0.skipped != nil }.map(\.image)
        var last = "\(reports.count - failed.count - skipped.count) of \(reports.count) images passed"
        if !skipped.isEmpty { last += "; skipped: \(skipped.joined(separator: ", "))" }
        if !failed.isEmpty { last += "; failed: \(failed.joined(separator: ", "))" }
        Console.say(last)
    }

    /// Runs the check program cold and, where there is such a thing, in a prepared sandbox.
    private static func check(
        _ image: Image, _ plan: RunPlan, _ connection: WardenConnection, _ report: inout ImageCheckReport
    ) async {
        let wardens = WardenSandboxes(connection: connection)
        report.triesWarm = plan.isPrepared
        for isPrepared in [false, true] where !isPrepared || plan.isPrepared {
            let executor = RunExecutor(source: UnpooledSandboxes(source: wardens, isPrepared: isPrepared))
            do throws(APIError) {
                let passed = try await check(image, plan, executor)
                if isPrepared { report.warm = passed } else { report.cold = passed }
            } catch {
                report.errors.append((isPrepared ? "warm: " : "") + error.message)
                Console.complain("image \(image.name)\(isPrepared ? " (warm)" : ""): \(error.message)")
            }
        }
    }

    private static func plan(_ image: Image, _ planner: RunPlanner) throws(APIError) -> RunPlan {
        try planner.plan(
            RunRequest(language: image.name, code: Array(image.check.code.utf8)),
            try planner.settings(language: image.name))
    }

    private static func check(
        _ image: Image, _ plan: RunPlan, _ executor: RunExecutor
    ) async throws(APIError) -> ImageCheckReport.Passed {
        let sink = CollectingSink(maximumBytes: plan.maximumOutputBytes)
        let outcome = await executor.execute(plan, input: .bytes(Array(image.check.stdin.utf8)), sink: sink)
        guard let result = sink.result else { throw APIError(.internalError, "the check ended without a result") }
        if let error = result.error { throw error }
        guard outcome.verdict == .ok else {
            throw APIError(
                .sandboxFailed, "the check program ended with \(outcome.verdict.rawValue)\(words(result.stderr))")
        }
        guard result.stdout.bytes == Array(image.check.stdout.utf8) else {
            throw APIError(
                .sandboxFailed,
                "the check program printed \(quote(result.stdout.bytes)), "
                    + "expected is \(quote(Array(image.check.stdout.utf8)))\(words(result.stderr))")
        }
        return ImageCheckReport.Passed(
            warm: outcome.steps.last?.warm ?? .cold, wallMilliseconds: outcome.usage.wallMilliseconds)
    }

    private static func words(_ stderr: OutputText) -> String {
        stderr.bytes.isEmpty ? "" : ", stderr \(quote(stderr.bytes))"
    }

    private static func quote(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(400), as: UTF8.self)
        let shown = text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined()
        return "\"\(shown)\"" + (bytes.count > 400 ? "…" : "")
    }
}
