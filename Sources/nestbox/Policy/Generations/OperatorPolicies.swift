internal import ConfigurationFiles
internal import Foundation
internal import Glibc
internal import Policies
internal import RuleGenerations
internal import RunModel
internal import ServerSettings

/// The operator's own folder of policies: changes of it are checked, written file by file, each as a whole, and taken back when the service
/// refuses them. One change at a time.
struct OperatorPolicies {
    /// A file of the folder, by its path below it, and what it is to hold; nil removes it.
    typealias Change = (name: String, bytes: [UInt8]?)

    private static let patience: Double = 30

    let directories: DirectorySettings
    let folder: String
    private let lock: Int32
    /// A service that was started before it was made does not follow it.
    private let isNew: Bool

    /// With the folder.
    private var policies: [String] { directories.policies + (isNew ? [folder] : []) }

    /// Waits for others who change the folder.
    ///
    /// - Throws: `CommandFailure` unless this is root, and when the folder cannot be made.
    init(_ directories: DirectorySettings) throws(CommandFailure) {
        try RootRights.check(to: "change policies")
        self.directories = directories
        folder = directories.ownPolicies
        isNew = !directories.policies.contains(folder)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Self.failure("\(folder) cannot be made: \(error.localizedDescription)")
        }
        lock = open(folder + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        // The lock goes with the process.
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw Self.failure("\(folder)/.lock cannot be locked: \(String(cString: strerror(errno)))")
        }
    }

    /// - Parameter reason: what is being done, for the service's record of it.
    /// - Throws: `CommandFailure` with what is wrong, when the folder is as before.
    func carryOut(_ changes: [Change], as reason: String) throws(CommandFailure) {
        for change in changes where !Self.isName(change.name) {
            throw Self.failure(
                "\(GenerationText.printable(change.name)): the name of a policy file is NAME.yaml, those of groups and sets syscalls/NAME.yaml and networks/NAME.yaml"
            )
        }
        let before = changes.map { change -> Change in
            (change.name, FileManager.default.contents(atPath: folder + "/" + change.name).map(Array.init))
        }
        try check(changes)
        let begin = RuleReloader.wallClock()
        let history = GenerationHistory(state: directories.state)
        if FileManager.default.fileExists(atPath: history.directory) {
            ChangeClaim(at: begin, reason: reason, by: ChangeClaim.user).announce(history)
        }
        defer { ChangeClaim.withdraw(history) }
        do throws(WrittenFile.Failure) {
            try write(changes)
        } catch {
            restore(before)
            throw Self.failure("\(error); nothing has changed")
        }
        try waitForService(since: begin) { restore(before) }
    }

    /// All policies as they will be. What can be used now must be usable then.
    private func check(_ changes: [Change]) throws(CommandFailure) {
        let now: PolicySet
        let then: PolicySet
        do throws(ConfigurationError) {
            now = try PolicySet.usable(directories: policies)
            let files = try PolicySet.files(in: policies)
            then = PolicySet.read(
                policies: try Self.merged(files.policies, changes.filter { !$0.name.contains("/") }, folder),
                groups: try Self.merged(files.groups, changes.filter { $0.name.hasPrefix("syscalls/") }, folder),
                networks: try Self.merged(
                    files.networks, changes.filter { $0.name.hasPrefix("networks/") }, folder))
        } catch {
            throw Self.failure(error.description)
        }
        let touched = Set(changes.map { ($0.name as NSString).lastPathComponent.replacing(".yaml", with: "") })
        let lost = then.broken.filter { now.broken[$0.key] == nil || touched.contains($0.key) }
        guard lost.isEmpty else {
            let text = then.diagnostics?.description ?? lost.values.map(\.description).joined(separator: "\n")
            throw Self.failure("nothing has changed:\n" + text)
        }
    }

    /// The texts of these files, with changes of the folder applied.
    private static func merged(
        _ files: [String], _ changes: [Change], _ folder: String
    ) throws(ConfigurationError) -> [PolicySet.Source] {
        let stems = Set(changes.map { ($0.name as NSString).lastPathComponent })
        var sources: [PolicySet.Source] = []
        for file in files where !stems.contains((file as NSString).lastPathComponent) {
            guard let bytes = FileManager.default.contents(atPath: file) else {
                throw ConfigurationError(ConfigurationDiagnostic(of: file, "this file cannot be read"))
            }
            sources.append((file, String(decoding: bytes, as: UTF8.self)))
        }
        for change in changes {
            if let bytes = change.bytes {
                sources.append(("\(folder)/\(change.name)", String(decoding: bytes, as: UTF8.self)))
            } else if let shipped = files.first(where: {
                ($0 as NSString).lastPathComponent == (change.name as NSString).lastPathComponent
                    && !$0.hasPrefix(folder + "/")
            }), let bytes = FileManager.default.contents(atPath: shipped) {
                sources.append((shipped, String(decoding: bytes, as: UTF8.self)))
            }
        }
        return sources
    }

    private func write(_ changes: [Change]) throws(WrittenFile.Failure) {
        for change in changes {
            let path = folder + "/" + change.name
            guard let bytes = change.bytes else {
                try WrittenFile.remove(path)
                continue
            }
            if let slash = change.name.firstIndex(of: "/") { mkdir("\(folder)/\(change.name[..<slash])", 0o755) }
            try WrittenFile.replace(path, with: bytes)
        }
    }

    private func restore(_ before: [Change]) {
        do throws(WrittenFile.Failure) { try write(before) } catch {
            Console.note("the files before could not be put back: \(error)")
        }
    }

    /// Says what the service made of it; without a service, that it will count from the next start.
    private func waitForService(since begin: Int64, _ restore: () -> Void) throws(CommandFailure) {
        let file = ReloadStatusFile(history: GenerationHistory(state: directories.state))
        guard let status = file.status, ServiceProcess.isRunning(status) else {
            return Console.say(
                "written; no service is running with state \(directories.state): it counts from the next start")
        }
        if isNew {
            return Console.say("written; \(folder) is new: the service follows it from its next start")
        }
        let digest = ConfigurationSnapshot.read(images: directories.images, policies: policies).digest
        let end = Date().addingTimeInterval(Self.patience)
        while Date() < end {
            usleep(50_000)
            guard let status = file.status else { continue }
            if status.digest == digest {
                return Console.say("generation \(status.generation) is in force")
            }
            // An attempt at just these files, or one that began after they were written: a service may see less than root does.
            guard let last = status.last, last.at >= begin,
                last.digest == digest || Double(last.at - begin) > last.milliseconds
            else { continue }
            guard last.outcome == .refused else {
                return Console.say("generation \(status.generation) is in force")
            }
            restore()
            throw Self.failure(
                "the service has refused it, and the files are as before:\n"
                    + last.errors.map(GenerationText.printable).joined(separator: "\n"))
        }
        throw Self.failure(
            "written, but the service has said nothing for \(Int(Self.patience)) s: see 'nestbox policy status'")
    }

    /// `NAME.yaml`, `syscalls/NAME.yaml` or `networks/NAME.yaml`.
    private static func isName(_ text: String) -> Bool {
        let folder = ["syscalls/", "networks/"].first { text.hasPrefix($0) } ?? ""
        let name = text.dropFirst(folder.count)
        guard name.hasSuffix(".yaml") else { return false }
        let stem = name.dropLast(".yaml".count)
        guard let first = stem.utf8.first, (0x61...0x7a).contains(first), stem.utf8.count <= 63 else { return false }
        return stem.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
        }
    }

    static func failure(_ message: String) -> CommandFailure {
        var failure = CommandFailure(APIError(.invalidPolicy, message))
        failure.status = ExitTable.found
        return failure
    }
}
