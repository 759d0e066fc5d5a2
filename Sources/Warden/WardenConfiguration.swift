package import SandboxSpec

/// What the warden's owner allows it, whatever a client asks for. Defaults are what an empty file means.
package struct WardenConfiguration: Sendable, Equatable {
    /// Whether clients may answer calls of sandboxes in the place of their filters. No file says so, only the command line of whoever
    /// starts the warden for itself: whoever answers decides what a sandbox may do.
    package var mayObserve = false
    /// Directories below which image trees may lie; absolute.
    package var imageRoots: [String] = ["/var/lib/nestbox/roots"]
    /// What `RootSource.host` shows: paths that exist are bound read-only, symbolic links on the way are kept as links.
    package var hostPaths: [String] = WardenConfiguration.defaultHostPaths
    /// First host uid and gid of the range that sandboxes get; two ids for each living sandbox, one for zygotes.
    package var firstID: UInt32 = 700_000_000
    /// How many ids one warden takes of the range. Wardens on one machine share the range in blocks of this size.
    package var idBlock: UInt32 = 8192
    /// How many blocks the range has.
    package var idBlocks: UInt32 = 64
    /// Parked ones included. With each goes a system-call filter; when more than a thousand of them are freed at the same
    /// time, the kernel's work queue waits for itself for ever. The warden ends them slowly, but programs may end by
    /// themselves, all together: so not more than that of them live by default.
    package var maximumSandboxes: Int = 900
    /// How many sandboxes a warm interpreter forks before another takes its place.
    package var zygoteForks: Int = 2000
    /// How many seconds a warm interpreter forks before another takes its place.
    package var zygoteSeconds: Int64 = 1800
    /// How many seconds an interpreter may take to boot, its modules included, before it is ended.
    package var zygoteBootSeconds: Int64 = 20
    /// How many bytes of memory an interpreter may take while it boots, its modules included.
    package var zygoteMemory: Int64 = 512 << 20
    /// How many seconds a zygote may leave its oldest request unanswered before it is ended.
    package var zygoteAnswerSeconds: Int64 = 5
    /// How many zygotes there may be for the network namespaces they lend, beside one for each image root. 0: none is lent.
    package var networkLenders: Int = 32
    /// How many seconds the set-up of a sandbox may take, from the fork until it is parked. It takes one to a few
    /// milliseconds, and a boot longer; a machine this slow is reported, not waited for.
    package var preparationSeconds: Int64 = 20
    /// No spec may go above these.
    package var ceiling = Limits.maximum
    /// A cgroup path below each mount point to work in, instead of the cgroup the warden is started in.
    package var cgroupParent: String?
    /// Where the lock that divides the id range lies.
    package var lockFile = "/run/nestbox.lock"

    package init() {}

    /// Enough of a Debian system to run and compile programs; nothing that holds a secret or tells hosts apart.
    package static let defaultHostPaths = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/ld.so.cache",
        "/etc/java-17-openjdk", "/etc/java-21-openjdk", "/etc/ssl/certs", "/etc/localtime",
    ]
}

/// A line of warden.conf that cannot be followed.
package struct WardenConfigurationError: Error, Equatable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let message: String

    package var description: String { "\(file):\(line): \(message)" }
}

extension WardenConfiguration {
    /// What an interpreter may have while it boots. Its 64 processes include threads; an interpreter needs one.
    var zygoteLimits: Limits {
        // `parsing` has checked the one, and 64 is in the range of the other.
        do {
            return try Limits.maximum.setting(.memory, to: zygoteMemory).setting(.processes, to: 64)
        } catch {
            preconditionFailure("zygote_memory out of range")
        }
    }

    /// What holds for the life of every zygote.
    var zygoteRules: ZygoteLifecycle.Rules {
        ZygoteLifecycle.Rules(
            boot: zygoteBootSeconds * 1_000_000_000, answer: zygoteAnswerSeconds * 1_000_000_000, forks: zygoteForks,
            age: zygoteSeconds * 1_000_000_000, memory: zygoteMemory)
    }

    /// Reads `key = value` lines; `#` starts a comment. Keys that are not known, given twice or out of range are errors.
    package init(parsing text: String, file: String) throws(WardenConfigurationError) {
        self.init()
        var seen: Set<String> = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func fail(_ message: String) -> WardenConfigurationError {
                WardenConfigurationError(file: file, line: index + 1, message: message)
            }
            let line = raw.prefix { $0 != "#" }.trimmed
            if line.isEmpty { continue }
            guard let equals = line.firstIndex(of: "=") else {
                throw fail("expected key = value, found \"\(line.prefix(60))\"")
            }
            let key = line[..<equals].trimmed
            let value = line[line.index(after: equals)...].trimmed
            guard seen.insert(key).inserted else { throw fail("\(key) is given twice") }
            do {
                try set(key, value)
            } catch {
                throw fail(error.message)
            }
        }
    }

    private struct Mistake: Error {
        let message: String
    }

    private mutating func set(_ key: String, _ value: String) throws(Mistake) {
        func paths() throws(Mistake) -> [String] {
            let paths = value.split(separator: " ").map(String.init)
            for path in paths where !path.hasPrefix("/") || path.split(separator: "/").contains("..") {
                throw Mistake(message: "\(key): found \(path), allowed are absolute paths without ..")
            }
            return paths
        }
        func number(_ range: ClosedRange<Int64>) throws(Mistake) -> Int64 {
            guard let number = Int64(value), range.contains(number) else {
                throw Mistake(message: "\(key): found \(value), allowed is \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        switch key {
        case "image_roots": imageRoots = try paths()
        case "host_paths": hostPaths = try paths()
        // Above every login and service range of Debian, below the 32-bit ids some tools cannot print.
        case "first_id": firstID = UInt32(try number(100_000...1_900_000_000))
        case "id_block": idBlock = UInt32(try number(64...65_536))
        case "id_blocks": idBlocks = UInt32(try number(1...1024))
        case "max_sandboxes": maximumSandboxes = Int(try number(1...8192))
        case "zygote_forks": zygoteForks = Int(try number(1...1_000_000))
        case "zygote_seconds": zygoteSeconds = try number(1...86_400)
        case "zygote_boot_seconds": zygoteBootSeconds = try number(1...600)
        case "zygote_memory": zygoteMemory = try number(LimitName.memory.range)
        case "zygote_answer_seconds": zygoteAnswerSeconds = try number(1...600)
        case "network_lenders": networkLenders = Int(try number(0...256))
        case "preparation_seconds": preparationSeconds = try number(1...600)
        case "cgroup_parent": cgroupParent = try paths().first
        case "lock_file": lockFile = try paths().first ?? lockFile
        default:
            guard key.hasPrefix("ceiling."), let name = LimitName(rawValue: String(key.dropFirst("ceiling.".count)))
            else {
                throw Mistake(
                    message: "unknown key \(key), allowed are image_roots, host_paths, first_id, id_block, id_blocks, "
                        + "max_sandboxes, zygote_forks, zygote_seconds, zygote_boot_seconds, "
                        + "zygote_memory, zygote_answer_seconds, network_lenders, preparation_seconds, cgroup_parent, lock_file and "
                        + "ceiling.<limit>")
            }
            let value = try number(name.range)
            do { ceiling = try ceiling.setting(name, to: value) } catch { throw Mistake(message: error.description) }
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var view = Substring(self)
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        while let last = view.last, last.isWhitespace { view.removeLast() }
        return String(view)
    }
}
