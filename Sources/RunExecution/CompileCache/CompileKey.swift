internal import Images
internal import RunModel
internal import RunPlanning
internal import SandboxSpec

/// What the result of a compile step depends on, as one digest.
///
/// Each part has its length before it, and lists have their number, so that no two different steps are spelled alike.
/// All of the spec and the job is in it, whether it is known to matter or not; `CompileKeyTests` counts their fields,
/// and fails when there is one more.
struct CompileKey: ~Copyable {
    /// Changes with the order of parts, and with what a result holds.
    private static let version = "nestbox compile step, 1"

    private var digest = ContentDigest.Running()
    private var pending: [UInt8] = []

    /// - Parameters:
    ///   - scope: whose results these are. No owner learns from a result that another one submitted the same.
    ///   - stamp: the state of the root.
    static func digest(
        of step: RunPlan.Step, files: [RunPlan.File], scope: String, stamp: [UInt8]
    ) -> ContentDigest {
        var key = CompileKey()
        key.add(version)
        key.add(scope)
        key.add(step.name.rawValue)
        key.add(step.spec, stamp)
        key.add(step.limits)
        key.add(step.job)
        key.add(files.count)
        for file in files { key.add(file.path, file.content, executable: file.executable) }
        return key.finish()
    }

    private mutating func add(_ spec: SandboxSpec, _ stamp: [UInt8]) {
        switch spec.root {
        case .host: add("host")
        case .tree(let path):
            add("tree")
            add(path)
        }
        add(stamp)
        add(spec.limits)
        add(Int64(spec.warnAt))
        add(Int64(spec.network.rawValue))
        add(spec.syscalls)
        add(Int64(spec.terminal?.rows ?? 0))
        add(Int64(spec.terminal?.columns ?? 0))
        add(spec.hasChannel ? 1 : 0)
        add(spec.isObserved ? 1 : 0)
        add(spec.hasProcesses ? 1 : 0)
        switch spec.preparation {
        case .none: add("none")
        case .boot(let interpreter):
            add("boot")
            add(interpreter)
        case .fork(let language, let interpreter):
            add("fork")
            add(language.rawValue)
            add(interpreter)
        }
    }

    private mutating func add(_ limits: Limits) {
        add(LimitName.allCases.count)
        for name in LimitName.allCases {
            add(name.rawValue)
            add(limits[name])
        }
    }

    private mutating func add(_ interpreter: Interpreter) {
        add(interpreter.command)
        add(interpreter.environment)
        add(interpreter.script)
        add(interpreter.modules)
    }

    private mutating func add(_ job: Job) {
        add(job.arguments)
        add(job.environment)
        add(job.artifacts.patterns)
        add(job.artifacts.maximumCount)
        add(job.artifacts.maximumBytes)
        add(job.artifacts.maximumDepth)
        add(job.files.count)
        for file in job.files { add(file.path, file.content, executable: file.executable) }
    }

    private mutating func add(_ path: BoxPath, _ content: [UInt8], executable: Bool) {
        add(path.description)
        add(executable ? 1 : 0)
        add(content)
    }

    private mutating func add(_ list: [String]) {
        add(list.count)
        for text in list { add(text) }
    }

    private mutating func add(_ text: String) {
        add(text.utf8.count)
        pending += text.utf8
    }

    private mutating func add(_ bytes: [UInt8]) {
        add(bytes.count)
        // What is large goes in as it is; what is small is gathered.
        guard bytes.count > 4096 else { return pending += bytes }
        flush()
        digest.update(bytes)
    }

    private mutating func add(_ number: Int) { add(Int64(number)) }

    private mutating func add(_ number: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) { pending.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func flush() {
        digest.update(pending)
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func finish() -> ContentDigest {
        flush()
        return digest.finish()
    }
}
