package import SandboxSpec

/// Encodes and decodes requests, and remembers the specifications that were met last: sandboxes are asked for by the
/// hundred with the same one, which is most of such a message and holds hundreds of names. For one thread, or one lock.
package struct RequestCoder: Sendable {
    /// More different ones at a time are encoded and decoded again each time.
    static let maximumKept = 32
    /// The tag and the number of the sandbox stand before what is remembered.
    private static let headBytes = 9

    private var encodings: [(spec: SandboxSpec, bytes: [UInt8])] = []
    /// Compared and not hashed: to hash thousands of bytes takes longer than to find that they are the same.
    private var decodings: [(body: ArraySlice<UInt8>, spec: SandboxSpec)] = []

    package init() {}

    /// The same as `Request.create(id, spec).encoded()`.
    package mutating func encoded(creating id: SandboxID, _ spec: SandboxSpec) throws(ProtocolError) -> [UInt8] {
        // Equal lists of names are the same list nearly always, which is seen immediately.
        if let index = encodings.firstIndex(where: { $0.spec == spec }) {
            var bytes = encodings[index].bytes
            for place in 1..<Self.headBytes { bytes[place] = UInt8(truncatingIfNeeded: id >> (8 * (place - 1))) }
            return bytes
        }
        let bytes = try Request.create(id, spec).encoded()
        if encodings.count >= Self.maximumKept { encodings.removeFirst() }
        encodings.append((spec, bytes))
        return bytes
    }

    /// The same as `Request(decoding: bytes)`.
    package mutating func request(decoding bytes: [UInt8]) throws(ProtocolError) -> Request {
        guard let id = Request.createdID(bytes) else { return try Request(decoding: bytes) }
        let body = bytes[Self.headBytes...]
        if let index = decodings.firstIndex(where: { $0.body == body }) { return .create(id, decodings[index].spec) }
        let request = try Request(decoding: bytes)
        if case .create(_, let spec) = request {
            // A client that makes up a new one each time must not make the table grow.
            if decodings.count >= Self.maximumKept { decodings.removeFirst() }
            decodings.append((body, spec))
        }
        return request
    }
}
