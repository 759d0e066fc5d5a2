internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import WebSockets

extension RouteRequest {
    /// The body of a request that carries JSON, unparsed.
    ///
    /// - Parameter limit: bytes.
    /// - Throws: `InterfaceError`, or what reading throws when the connection ends.
    package func jsonBody(limit: Int) async throws -> [UInt8] {
        try checkContentType()
        return try await body(limit: limit)
    }

    /// The body, whatever its type.
    package func body(limit: Int) async throws -> [UInt8] {
        if let text = headers[.contentLength], let length = Int64(text), length > Int64(limit) {
            throw InterfaceError.bodyTooLarge(limit)
        }
        let lease = ByteLease(memory)
        var bytes: [UInt8] = []
        for try await piece in request.body {
            guard bytes.count + piece.readableBytes <= limit else { throw InterfaceError.bodyTooLarge(limit) }
            guard lease.resize(to: bytes.count + piece.readableBytes) else { throw InterfaceError.noMemory }
            bytes += piece.readableBytesView
        }
        return bytes
    }

    /// Accepts only JSON in UTF-8, not compressed: a form or text from a foreign page must not start anything.
    private func checkContentType() throws(InterfaceError) {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw .unsupportedMediaType("the body is encoded")
        }
        let types = headers[values: .contentType]
        guard types.count == 1, let type = types.first else {
            throw .unsupportedMediaType("there is not exactly one Content-Type")
        }
        let parts = type.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        guard parts.first == "application/json" else {
            throw .unsupportedMediaType("the Content-Type is another one")
        }
        guard parts.dropFirst().allSatisfy({ $0 == "charset=utf-8" }) else {
            throw .unsupportedMediaType("the Content-Type has other parameters than charset=utf-8")
        }
    }
}
