internal import Foundation

/// What a collector says to spans. A value: the answer goes in, what to do comes out.
enum CollectorAnswer: Equatable {
    /// They were taken, but for so many.
    case taken(rejected: Int, message: String)
    /// Not now: to be tried again, after so many seconds if the collector says.
    case later(seconds: Int?)
    /// They will not be taken.
    case refused(String)

    /// The longest wait that a collector may ask for, in seconds.
    static let maximumWait = 60

    /// - Parameters:
    ///   - status: of HTTP. Only 429, 502, 503 and 504 mean that trying again may help.
    ///   - retryAfter: the value of `Retry-After`; only seconds are read.
    init(status: Int, retryAfter: String?, body: [UInt8]) {
        switch status {
        case 200..<300: self = Self.taken(body)
        case 429, 502, 503, 504:
            self = .later(
                seconds: retryAfter.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
                    .map { min(max($0, 0), Self.maximumWait) })
        default: self = .refused("HTTP status \(status)")
        }
    }

    private struct Answer: Decodable {
        let partialSuccess: Partial?
    }

    private struct Partial: Decodable {
        let rejectedSpans: Count?
        let errorMessage: String?
    }

    /// A string, as the protocol has it, or a number.
    private struct Count: Decodable {
        let value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                value = number
            } else {
                value = Int(try container.decode(String.self)) ?? 0
            }
        }
    }

    /// An answer that cannot be read says nothing against the spans.
    private static func taken(_ body: [UInt8]) -> CollectorAnswer {
        let partial = (try? JSONDecoder().decode(Answer.self, from: Data(body)))?.partialSuccess
        return .taken(
            rejected: max(partial?.rejectedSpans?.value ?? 0, 0),
            message: RecordingSpan.cut(partial?.errorMessage ?? ""))
    }
}
