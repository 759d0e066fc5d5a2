internal import Foundation
internal import Glibc

/// Who is changing files at the moment, as a command of this machine says it: `<state>/generations/claim`. It is there while the command
/// waits for the service, so that an attempt made meanwhile is the command's.
package struct ChangeClaim: Sendable, Equatable, Codable {
    private static let maximumBytes = 4096
    /// A claim whose command has ended without removing it counts for so long.
    private static let lifetime: Int64 = 60_000

    /// Milliseconds since 1970.
    package let at: Int64
    /// What is being done: `apply`, `rollback to 11`.
    package let reason: String
    /// `user:NAME`.
    package let by: String

    package init(at: Int64, reason: String, by: String) {
        self.at = at
        self.reason = reason
        self.by = by
    }

    /// Makes it known. Blocks. Without effect where the directory cannot be written: the change is then nobody's.
    package func announce(_ history: GenerationHistory) {
        guard let bytes = try? JSONEncoder().encode(self), bytes.count <= Self.maximumBytes else { return }
        try? WrittenFile.replace(Self.path(history), with: Array(bytes))
    }

    package static func withdraw(_ history: GenerationHistory) {
        try? WrittenFile.remove(path(history))
    }

    /// The claim that counts now; nil when there is none. Blocks.
    ///
    /// - Parameter now: milliseconds since 1970.
    package static func current(_ history: GenerationHistory, now: Int64) -> ChangeClaim? {
        guard case .success(let bytes?) = RegularFile.read(path(history), maximumBytes: maximumBytes),
            let claim = try? JSONDecoder().decode(ChangeClaim.self, from: Data(bytes)),
            (-lifetime...lifetime).contains(now - claim.at), isPlain(claim.by), isPlain(claim.reason)
        else { return nil }
        return claim
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128 && text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }

    private static func path(_ history: GenerationHistory) -> String { history.directory + "/claim" }

    /// `user:NAME` of whoever is logged in here, also behind sudo.
    package static var user: String {
        let text = try? String(contentsOfFile: "/proc/self/loginuid", encoding: .utf8)
        let login = text.flatMap { uid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        // All ones: nobody has logged in, as in a container.
        let user = login.flatMap { $0 == .max ? nil : $0 } ?? getuid()
        return "user:" + (getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)")
    }
}
