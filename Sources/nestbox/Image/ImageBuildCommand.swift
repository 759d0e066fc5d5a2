internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Images
internal import RunModel
internal import ServerSettings

struct ImageBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build the root file systems of images.",
        discussion: """
            Needs root. A root that is there already is left alone; concurrent builds of the same root share the \
            work. Images with a host or directory root need no build. One that fails does not stop the others.

            What was fetched is kept in the state directory: a later root fetches nothing twice, and --offline builds from \
            it alone. `nestbox image remove --unused` removes what no built root is made of.

            EXAMPLES
              nestbox image build python
              nestbox image build --all --jobs 4
              nestbox image build --rebuild node
            """)

    @OptionGroup var directories: ImageDirectoryOptions
    @OptionGroup var selection: ImageSelection

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Roots to build together, 1 to \(BuildPlan.maximumJobs) (default: one for each processor).", valueName: "n")
    )
    var jobs = BuildPlan.standardJobs(processors: ProcessInfo.processInfo.activeProcessorCount)

    @Flag(help: "Use what was fetched before, and not the network.")
    var offline = false

    @Flag(help: "Build again although it is there, as for security updates.")
    var rebuild = false

    @Flag(name: [.short, .long], help: "Say only what was built and what went wrong.")
    var quiet = false

    func validate() throws {
        guard (1...BuildPlan.maximumJobs).contains(jobs) else {
            throw ValidationError("--jobs is \(jobs), allowed is 1 to \(BuildPlan.maximumJobs)")
        }
    }

    mutating func run() async throws {
        let images: [Image]
        let isBroken: Bool
        do throws(APIError) {
            let library = try Catalog.images(directories.found)
            images = try selection.images(in: library)
            isBroken = selection.isBroken(in: library)
        } catch {
            throw CommandFailure(error)
        }
        let store = ImageStore(state: directories.found.state)
        for image in images where image.root.isBuilt {
            if case .built = store.status(of: image).state, !rebuild { continue }
            try RootRights.check(to: "build the root of \(image.name)")
        }
        let plan = store.plan(images)
        let report = BuildReport(count: plan.jobs.count, isQuiet: quiet)
        for rest in plan.rest { report.tell(rest, isNamed: !selection.all) }
        let work = Task { [jobs, offline, rebuild] in
            await store.build(plan, parallel: jobs, offline: offline, rebuild: rebuild) { report.tell($0, $1, $2) }
        }
        // The first signal ends the builds in order: their programs are killed, what they made is removed.
        try Signals.watch([SIGINT, SIGTERM, SIGHUP]) { _ in work.cancel() }
        let beats = Task {
            while !Task.isCancelled {
                // A cancelled sleep: the loop ends by its condition.
                do { try await Task.sleep(for: BuildPulse.silence) } catch { return }
                report.beat()
            }
        }
        await work.value
        beats.cancel()
        if images.count > 1 { report.close() }
        // As of a check that found errors: the command did its work and reported the errors.
        if report.hasFailures || isBroken { Console.exit(ExitTable.found) }
    }
}
