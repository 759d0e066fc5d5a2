internal import StrictJSON

/// What a run with egress did with it.
package struct NetworkReport: Sendable, Equatable, Codable {
    /// Places that the program was not connected to, for one reason.
    package struct Refusal: Sendable, Equatable, Codable {
        /// Host and port as the program asked for them, in their one form.
        package var host: String
        /// A word: see `EgressRefusal`.
        package var reason: String
        /// How many times.
        package var count: Int

        package init(host: String, reason: String, count: Int) {
            self.host = host
            self.reason = reason
            self.count = count
        }
    }

    /// How many connections to the outside were made.
    package var connections: Int
    /// Bytes that came from outside.
    package var bytesIn: Int64
    /// Bytes that went there.
    package var bytesOut: Int64
    /// The first of each host and reason, at most `maximumRefusals` of them.
    package var refused: [Refusal]

    package static let maximumRefusals = 32

    package init(connections: Int = 0, bytesIn: Int64 = 0, bytesOut: Int64 = 0, refused: [Refusal] = []) {
        self.connections = connections
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.refused = refused
    }

    private enum CodingKeys: String, CodingKey {
        case connections, refused
        case bytesIn = "bytes_in"
        case bytesOut = "bytes_out"
    }
}

extension NetworkReport {
    func write(to output: inout JSONBytes) {
        output.open()
        output.key("bytes_in")
        output.integer(bytesIn)
        output.key("bytes_out")
        output.integer(bytesOut)
        output.key("connections")
        output.integer(Int64(connections))
        output.key("refused")
        output.array(refused) { output, refusal in
            output.open()
            output.key("count")
            output.integer(Int64(refusal.count))
            output.key("host")
            output.string(refusal.host)
            output.key("reason")
            output.string(refusal.reason)
            output.close()
        }
        output.close()
    }
}
