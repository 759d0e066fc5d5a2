internal import Foundation
internal import TraceContexts

/// The body of an OTLP/HTTP request for traces, in JSON: ids in hexadecimal, names in lowerCamelCase, enumerations as integers, integers
/// of 64 bits as strings (OTLP 1.x, "JSON Protobuf Encoding").
struct OTLPDocument: Encodable {
    private struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    private struct Resource: Encodable {
        let attributes: [KeyValue]
    }

    private struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [Span]
    }

    private struct Scope: Encodable {
        let name: String
        let version: String
    }

    private struct Span: Encodable {
        let traceId: String
        let spanId: String
        let traceState: String?
        let parentSpanId: String?
        let flags: Int
        let name: String
        let kind: Int
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [KeyValue]
        let droppedAttributesCount: Int?
        let events: [Event]?
        let droppedEventsCount: Int?
        let status: Status?
    }

    private struct Event: Encodable {
        let timeUnixNano: String
        let name: String
        let attributes: [KeyValue]
    }

    private struct Status: Encodable {
        let code: Int
        let message: String?
    }

    private struct KeyValue: Encodable {
        let key: String
        let value: AnyValue

        init(_ key: String, _ value: FinishedSpan.Value) {
            self.key = key
            self.value = AnyValue(value: value)
        }
    }

    private struct AnyValue: Encodable {
        let value: FinishedSpan.Value

        private enum Key: String, CodingKey { case stringValue, intValue, doubleValue, boolValue }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            switch value {
            case .string(let text): try container.encode(text, forKey: .stringValue)
            case .integer(let number): try container.encode("\(number)", forKey: .intValue)
            // JSON has no word for infinity.
            case .number(let number): try container.encode(number.isFinite ? number : 0, forKey: .doubleValue)
            case .bool(let flag): try container.encode(flag, forKey: .boolValue)
            }
        }
    }

    private let resourceSpans: [ResourceSpans]

    /// - Parameter resource: what is said once about this process.
    init(_ spans: [FinishedSpan], resource: [(String, String)], version: String) {
        resourceSpans = [
            ResourceSpans(
                resource: Resource(attributes: resource.map { KeyValue($0.0, .string($0.1)) }),
                scopeSpans: [ScopeSpans(scope: Scope(name: "nestbox", version: version), spans: spans.map(Self.span))])
        ]
    }

    /// - Throws: never for spans; as encoders do.
    var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }

    private static func span(_ span: FinishedSpan) -> Span {
        // Bits 8 and 9: whether it is known that the parent is remote, and whether it is.
        let flags = (span.context.isSampled ? 1 : 0) | 0x100 | (span.parent?.isRemote == true ? 0x200 : 0)
        return Span(
            traceId: "\(span.context.traceID)", spanId: span.context.spanText,
            traceState: span.context.state.isEmpty ? nil : span.context.state, parentSpanId: span.parent?.spanText,
            flags: flags, name: span.name, kind: span.kind.rawValue, startTimeUnixNano: "\(span.start)",
            endTimeUnixNano: "\(span.end)",
            attributes: span.attributes.sorted { $0.key < $1.key }.map { KeyValue($0.key, $0.value) },
            droppedAttributesCount: span.droppedAttributes > 0 ? span.droppedAttributes : nil,
            events: span.events.isEmpty
                ? nil
                : span.events.map {
                    Event(
                        timeUnixNano: "\($0.time)", name: $0.name,
                        attributes: $0.attributes.map { KeyValue($0.name, $0.value) })
                },
            droppedEventsCount: span.droppedEvents > 0 ? span.droppedEvents : nil, status: status(span.status))
    }

    private static func status(_ status: FinishedSpan.Status) -> Status? {
        switch status {
        case .unset: nil
        case .ok: Status(code: 1, message: nil)
        case .error(let message): Status(code: 2, message: message.isEmpty ? nil : message)
        }
    }
}
