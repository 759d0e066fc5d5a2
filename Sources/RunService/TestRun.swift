internal import Images
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Synchronization

/// A tiny run that nobody asked for, to see whether runs work: through the same planner, executor, pools and warden as all
/// others, but not through the admission.
final class TestRun: EventSink {
    /// Images whose own check is quick; the first of them that is built is used, else any that needs no compiler.
    private static let preferred = ["bash", "lua", "perl", "python"]
    /// Nanoseconds.
    private static let wall: Int64 = 5_000_000_000

    let control: RunControl
    let plan: RunPlan
    let input: [UInt8]
    private let error = Mutex<String?>(nil)

    /// - Returns: nil when nothing is built that could be run.
    init?(_ catalog: RunCatalog, now: @escaping @Sendable () -> Int64) {
        let planner = catalog.planner
        let images = catalog.content.images.images.filter { $0.compile == nil }
        let ordered = images.sorted { one, other in
            let ranks = [one, other].map { Self.preferred.firstIndex(of: $0.name) ?? .max }
            return (ranks[0], one.name) < (ranks[1], other.name)
        }
        var found: (Image, RunPlan)?
        for image in ordered {
            // One that cannot be planned is not built, or wrong; others tell of that.
            do throws(APIError) {
                var settings = try planner.settings(language: image.name)
                if settings.limits[.wall] > Self.wall {
                    settings = try planner.settings(
                        language: image.name, limits: ["wall": "\(Self.wall / 1_000_000_000)s"])
                }
                let request = RunRequest(language: image.name, code: Array(image.check.code.utf8))
                found = (image, try planner.plan(request, settings))
                break
            } catch {
                continue
            }
        }
        guard let (image, plan) = found else { return nil }
        self.plan = plan
        input = Array(image.check.stdin.utf8)
        var bounds = RunDeadlines.Bounds()
        bounds.starting = 15_000_000_000
        bounds.grace = 5_000_000_000
        bounds.finishing = 5_000_000_000
        bounds.draining = 5_000_000_000
        bounds.force = 2_000_000_000
        control = RunControl(bounds: bounds, now: now)
    }

    func receive(_ event: RunEvent) -> Bool {
        if case .error(let error) = event.kind { self.error.withLock { $0 = error.message } }
        return true
    }

    /// What was wrong with an ending of it; nil when all was well.
    func failure(of outcome: RunOutcome) -> String? {
        // How the program ended is its image's matter; that it was started and ended is what was asked.
        guard outcome.verdict == .internalError else { return nil }
        return "a test run ended as \(outcome.verdict.rawValue)" + (error.withLock { $0 }.map { ": \($0)" } ?? "")
    }
}
