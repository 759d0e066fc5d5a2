internal import ConfigurationFiles
internal import RunModel
internal import SessionModel
internal import StrictJSON

/// A cell, and how its client wants to hear of it: the body of `POST …/execute` and the message `execute`.
struct CellBody: Sendable {
    /// How a request is answered.
    enum Delivery: Sendable {
        /// With the outcome, when the cell has ended.
        case wait
        /// With its events.
        case stream
        /// At once; its events tell the outcome.
        case detach
    }

    var cell: CellRequest
    var delivery = Delivery.wait

    /// - Parameters:
    ///   - reader: gets the errors.
    ///   - chooses: whether `stream` and `detach` are allowed.
    init(_ reader: ObjectReader, chooses: Bool) {
        cell = CellRequest(
            code: reader.string("code", required: true, maximumBytes: CellRequest.maximumCodeBytes) ?? "")
        cell.silent = reader.bool("silent") ?? false
        cell.stopOnError = reader.bool("stop_on_error") ?? true
        cell.onLimit = reader.choice("on_limit")
        cell.transaction = reader.choice("transaction_policy") ?? .commitAlways
        cell.limits = Self.limits(reader)
        guard chooses else { return }
        let (streams, detaches) = (reader.bool("stream") ?? false, reader.bool("detach") ?? false)
        if streams, detaches { reader.complain("detach", "is true, and so is stream: allowed is one of them") }
        delivery = streams ? .stream : detaches ? .detach : .wait
    }

    private static func limits(_ reader: ObjectReader) -> CellLimits.Wanted {
        var wanted = CellLimits.Wanted()
        reader.inside("limits") { limits in
            wanted.cpu = limits.amount("cpu", .duration, in: 1_000_000...86_400_000_000_000)
            wanted.wall = limits.amount("wall", .duration, in: 1_000_000...86_400_000_000_000)
            wanted.outputBytes = limits.amount("output", .bytes, in: 1...1_073_741_824).map { Int($0) }
        }
        return wanted
    }
}

extension ObjectReader {
    /// A text with its unit.
    fileprivate func amount(_ name: String, _ kind: QuantityKind, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = string(name, maximumBytes: 64) else { return nil }
        do throws(InvalidQuantity) {
            return try Quantity.parse(text, as: kind, in: range)
        } catch {
            complain(name, "found \(error.found), allowed \(error.allowed)")
            return nil
        }
    }
}
