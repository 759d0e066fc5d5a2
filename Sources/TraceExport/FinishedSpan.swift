package import TraceContexts

/// A span that is over, as it is exported.
package struct FinishedSpan: Sendable, Equatable {
    /// Of OTLP, as are the numbers.
    package enum Kind: Int, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    package enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int64)
        case number(Double)
        case bool(Bool)
    }

    package enum Status: Sendable, Equatable {
        case unset, ok
        case error(String)
    }

    package struct Event: Sendable, Equatable {
        package let name: String
        /// Nanoseconds since 1970.
        package let time: UInt64
        package let attributes: [(name: String, value: Value)]

        package static func == (one: Event, other: Event) -> Bool {
            one.name == other.name && one.time == other.time
                && one.attributes.elementsEqual(other.attributes) { $0.name == $1.name && $0.value == $1.value }
        }
    }

    /// More of these are dropped, and counted.
    package static let maximumAttributes = 32
    package static let maximumEvents = 16
    /// Longer texts are cut.
    package static let maximumText = 256

    package let context: TraceContext
    /// Nil for the first span of a trace.
    package let parent: TraceContext?
    package let name: String
    package let kind: Kind
    /// Nanoseconds since 1970.
    package let start: UInt64
    package let end: UInt64
    package let attributes: [String: Value]
    package let droppedAttributes: Int
    package let events: [Event]
    package let droppedEvents: Int
    package let status: Status
}
