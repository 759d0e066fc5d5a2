/// Everything that is wrong with one request, each with the path of its field as the client wrote it: `limits.wall`, `args[3]`,
/// `files[0].name`.
///
/// Reading, checking against the language and checking against the policy all write into the same one, so that a client gets
/// all its errors in one answer. A value, bounded whatever a request contains.
package struct RequestErrors: Sendable, Equatable {
    package struct Mistake: Sendable, Equatable {
        package let path: String
        /// What was found and what is allowed; follows the path in a message.
        package let reason: String
        package let code: APIError.Code
    }

    /// The most that one error names. What is beyond is only counted: a document can have a hundred thousand.
    package static let maximum = 32

    package private(set) var list: [Mistake] = []
    package private(set) var count = 0
    /// More for programs, which is no field's reason.
    private var extras: [String: String] = [:]

    package init() {}

    package var isEmpty: Bool { count == 0 }
    package var isFull: Bool { list.count >= Self.maximum }

    /// Only the first error of a field is kept.
    ///
    /// - Parameter extras: more for programs, by names that are no fields.
    package mutating func note(
        _ path: String, _ reason: String, _ code: APIError.Code = .invalidRequest, extras: [String: String] = [:]
    ) {
        guard !has(path) else { return }
        count += 1
        guard !isFull else { return }
        list.append(Mistake(path: path, reason: reason, code: code))
        self.extras.merge(extras) { first, _ in first }
    }

    /// One more, of which no more is said.
    package mutating func omit() { count += 1 }

    /// Whether there is something wrong with this field already.
    package func has(_ path: String) -> Bool { list.contains { $0.path == path } }

    /// All of it as one error; nil when nothing is wrong. Its code is the one that all have, or `INVALID_REQUEST`.
    package var error: APIError? {
        guard let first = list.first else { return nil }
        var details = extras
        for error in list { details[error.path] = error.reason }
        let code = list.allSatisfy { $0.code == first.code } && count == list.count ? first.code : .invalidRequest
        let others = count > 1 ? " (and \(count - 1) more)" : ""
        return APIError(code, APIError.line(first.path, first.reason) + others, details: details)
    }

    package func throwIfAny() throws(APIError) {
        if let error { throw error }
    }
}

extension APIError {
    /// What details of a wrong request may have besides its fields.
    private static let extras: Set<String> = ["known", "bytes", "limit"]

    /// One line for each thing that is wrong besides the one the message is about.
    package var furtherErrors: [String] {
        guard message.hasSuffix(" more)") else { return [] }
        return details.sorted { $0.key < $1.key }.compactMap { path, reason in
            if Self.extras.contains(path) || message.hasPrefix(path) { return nil }
            return Self.line(path, reason)
        }
    }

    /// Field and reason as one line: a reason is a predicate, or says all by itself.
    static func line(_ path: String, _ reason: String) -> String {
        let isPredicate = ["is ", "has ", "was ", "needs ", "together "].contains { reason.hasPrefix($0) }
        return path + (isPredicate ? " " : ": ") + reason
    }
}
