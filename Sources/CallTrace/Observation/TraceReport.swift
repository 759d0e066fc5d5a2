internal import LinuxSystem

/// A trace as `nestbox policy trace --json` prints it.
package struct TraceReport: Sendable, Encodable {
    package struct Call: Sendable, Encodable {
        package let call: String
        package let arguments: [DecodedArgument]
        /// What the program got: the name of an errno, such as ENOSYS.
        package let answer: String
        package let count: Int
    }

    package struct File: Sendable, Encodable {
        package let path: String
        package let wish: FileWish
        package let error: String
        package let count: Int
    }

    package struct Destination: Sendable, Encodable {
        package let kind: TraceLog.Destination.Kind
        package let place: String
        package let count: Int
    }

    /// How often something came for which there was no place left.
    package struct Omitted: Sendable, Encodable {
        package let calls, files, network: Int
    }

    package let policy: String
    package let calls: [Call]
    package let files: [File]
    package let network: [Destination]
    package let omitted: Omitted
    package let advice: PolicyAdvice

    package init(policy: String, log: TraceLog, advice: PolicyAdvice) {
        self.policy = policy
        calls = log.calls.entries.map {
            Call(
                call: $0.value.name, arguments: $0.value.arguments, answer: Self.errnoName($0.value.errno),
                count: $0.count)
        }
        files = log.files.entries.map {
            File(path: $0.value.path, wish: $0.value.wish, error: Self.errnoName($0.value.errno), count: $0.count)
        }
        network = log.destinations.entries.map {
            Destination(kind: $0.value.kind, place: $0.value.place, count: $0.count)
        }
        omitted = Omitted(
            calls: log.calls.omitted, files: log.files.omitted, network: log.destinations.omitted)
        self.advice = advice
    }

    /// `ENOSYS`, of `ENOSYS, Function not implemented`.
    private static func errnoName(_ number: Int32) -> String {
        String(errnoDescription(number).prefix { $0 != "," })
    }
}
