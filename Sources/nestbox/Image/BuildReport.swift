internal import Foundation
internal import Images
internal import Synchronization

/// What a build of images tells on the terminal: which job a line is of, and in the end what became of all.
final class BuildReport: Sendable {
    private let count: Int
    private let isQuiet: Bool
    private let began = ContinuousClock.now
    private let tally = Mutex(BuildTally())
    private let pulse = Mutex(BuildPulse())

    /// - Parameter count: how many roots the build is about.
    init(count: Int, isQuiet: Bool) {
        self.count = count
        self.isQuiet = isQuiet
    }

    var hasFailures: Bool { tally.withLock { !$0.failed.isEmpty } }

    /// Something a job reports. Lines of several jobs are mixed; each is written immediately.
    func tell(_ number: Int, _ job: BuildPlan.Job, _ event: ImageStore.BuildEvent) {
        let place = count > 1 ? "[\(number)/\(count)] " : ""
        pulse.withLock { $0.note(event, job, number) }
        switch event {
        case .progress(let progress):
            guard !isQuiet else { return }
            switch progress {
            case .waiting: Console.note("\(place)\(job.names): another process is building this root, waiting")
            case .step(let text): Console.note("\(place)\(job.names): \(text)")
            case .output(let line): Console.note("\(place)\(job.names): | \(line)")
            }
        case .ended(let image, let result):
            tally.withLock { $0.add(result, for: image) }
            switch result {
            case .success(let root):
                let what = root.reused ? "there already" : "built"
                Console.say("\(place)\(image.name): \(what), \(Summary.bytes(root.metadata.bytes)), \(root.path)")
            case .failure(let error): Console.complain("\(place)image \(image.name): \(error.message)")
            }
        }
    }

    /// Says that builds go on of which nothing was heard for a while.
    func beat() {
        guard let line = pulse.withLock({ $0.line(now: .now) }) else { return }
        Console.note(line)
    }

    /// An image without a root to build. One whose directory is not there is a failure only if it was asked for by its name.
    func tell(_ rest: BuildPlan.Rest, isNamed: Bool) {
        let isFailure = isNamed || !rest.isAbsent
        guard let reason = rest.reason else {
            return Console.say("\(rest.image.name): \(rest.image.root.kind) root, nothing to build")
        }
        tally.withLock { isFailure ? $0.addFailed(rest.image) : $0.addSkipped() }
        Console.complain(
            "image \(rest.image.name): \(isFailure ? "" : "skipped: ")\(reason)\(remedy(rest.image))")
    }

    /// Images whose root has to be put together say how by a script beside their description.
    private func remedy(_ image: Image) -> String {
        let script = image.directory + "/make-root"
        guard case .directory = image.root, FileManager.default.isExecutableFile(atPath: script) else { return "" }
        return "; run \(script) to make it"
    }

    /// The last line: what became of all images, and how long it took.
    func close() {
        let seconds = began.duration(to: .now).components.seconds
        Console.say(tally.withLock { $0.line(seconds: seconds) })
    }
}
