internal import ArgumentParser
internal import Glibc
internal import Images
internal import RunModel

struct ImageBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build the root file systems of images.",
        discussion: """
            Needs root. A root that is there already is left alone; two builds of the same root at once share the \
            work. Images with a host or directory root need no build.

            EXAMPLES
              nestbox image build python
              nestbox image build --all
              nestbox image build --rebuild node
            """)

    @OptionGroup var places: Places
    @OptionGroup var selection: ImageSelection

    @Flag(help: "Fail rather than use the network.")
    var offline = false

    @Flag(help: "Build again although it is there, as for security updates.")
    var rebuild = false

    @Flag(name: [.short, .long], help: "Say only what was built and what went wrong.")
    var quiet = false

    mutating func run() async throws {
        let images: [Image]
        do throws(APIError) {
            images = try selection.images(in: try Catalog.images(places))
        } catch {
            throw CommandFailure(error)
        }
        let store = ImageStore(state: places.stateFolder)
        let work = Task { [offline, rebuild, quiet] in
            var failures = 0
            for image in images where !(await Self.build(image, store, offline, rebuild, quiet)) {
                failures += 1
                if Task.isCancelled { break }
            }
            return failures
        }
        // The first signal ends the build in order: its programs are killed, what they made is removed.
        try Signals.watch([SIGINT, SIGTERM, SIGHUP]) { _ in work.cancel() }
        if await work.value > 0 { Console.exit(CommandFailure.failedStatus) }
    }

    private static func build(
        _ image: Image, _ store: ImageStore, _ offline: Bool, _ rebuild: Bool, _ quiet: Bool
    ) async -> Bool {
        guard image.root.isBuilt else {
            Console.say("\(image.name): \(image.root.kind) root, nothing to build")
            return true
        }
        do throws(ImageError) {
            let name = image.name
            let built = try await store.build(image, offline: offline, rebuild: rebuild) { progress in
                if quiet { return }
                switch progress {
                case .waiting: Console.note("\(name): somebody else is building this root, waiting")
                case .step(let text): Console.note("\(name): \(text)")
                case .output(let line): Console.note("\(name): | \(line)")
                }
            }
            let what = built.reused ? "there already" : "built"
            Console.say("\(name): \(what), \(Summary.bytes(built.metadata.bytes)), \(built.path)")
            return true
        } catch {
            Console.complain("image \(image.name): \(error.message)")
            return false
        }
    }
}
