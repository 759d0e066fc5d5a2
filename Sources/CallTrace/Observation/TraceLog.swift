/// What was observed, each kind once with a count. Bounded, whatever the program does.
///
/// A value; for one thread at a time.
package struct TraceLog: Sendable, Equatable {
    /// A call that the policy refused.
    package struct Call: Sendable, Hashable {
        package let name: String
        package let arguments: [DecodedArgument]
        /// What the program got instead.
        package let errno: Int32

        package init(name: String, arguments: [DecodedArgument], errno: Int32) {
            self.name = name
            self.arguments = arguments
            self.errno = errno
        }
    }

    /// A path that the program wanted and did not get.
    package struct File: Sendable, Hashable {
        package let path: String
        package let wish: FileWish
        package let errno: Int32

        package init(path: String, wish: FileWish, errno: Int32) {
            self.path = path
            self.wish = wish
            self.errno = errno
        }
    }

    /// Something outside that the program wanted to reach.
    package struct Destination: Sendable, Hashable {
        package enum Kind: String, Sendable, Encodable {
            /// An address that it connected to or sent something to.
            case address
            /// A name that it asked a name server for.
            case name
            /// A host that it asked the way out (`egress`) for, and was refused.
            case host
        }

        package let kind: Kind
        /// `192.0.2.1:443`, `www.example.org`, `www.example.org:443`.
        package let place: String

        package init(kind: Kind, place: String) {
            self.kind = kind
            self.place = place
        }
    }

    /// Kinds that are kept; what comes beyond is counted only.
    package static let maximumCalls = 256, maximumFiles = 512, maximumDestinations = 128
    /// Kinds of one call, so that no call takes the places of all others.
    package static let maximumKindsOfCall = 16

    package private(set) var calls = Counted<Call>(limit: maximumCalls)
    package private(set) var files = Counted<File>(limit: maximumFiles)
    package private(set) var destinations = Counted<Destination>(limit: maximumDestinations)
    private var kinds: [String: Int] = [:]

    package init() {}

    package mutating func add(_ call: Call) {
        if !calls.has(call) {
            let known = kinds[call.name, default: 0]
            guard known < Self.maximumKindsOfCall else { return calls.omit() }
            // A name beyond the limit of all calls is not kept either.
            if calls.add(call) { kinds[call.name] = known + 1 }
        } else {
            calls.add(call)
        }
    }

    package mutating func add(_ file: File) { files.add(file) }

    package mutating func add(_ destination: Destination) { destinations.add(destination) }
}

/// Values in the order in which they came first, with how often they came.
package struct Counted<Value: Hashable & Sendable>: Sendable, Equatable {
    package private(set) var entries: [(value: Value, count: Int)] = []
    /// How often something came that found no place.
    package private(set) var omitted = 0
    private var index: [Value: Int] = [:]
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    package func has(_ value: Value) -> Bool { index[value] != nil }

    /// - Returns: whether it is new and was kept.
    @discardableResult
    package mutating func add(_ value: Value, count: Int = 1) -> Bool {
        if let known = index[value] {
            entries[known].count = entries[known].count.addingReportingOverflow(count).partialValue
            return false
        }
        guard entries.count < limit else {
            omit()
            return false
        }
        index[value] = entries.count
        entries.append((value, count))
        return true
    }

    package mutating func omit() { omitted += 1 }

    package static func == (one: Counted, other: Counted) -> Bool {
        one.omitted == other.omitted && one.entries.elementsEqual(other.entries) { $0 == $1 }
    }
}
