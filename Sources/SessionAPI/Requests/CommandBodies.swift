internal import RunModel
internal import SessionModel
internal import StrictJSON

/// What clients send besides sessions and cells; each reads its members and notes errors with the reader.
extension ObjectReader {
    /// An answer to an input request: text for the program, of at most 64 KiB, which is what a pipe holds.
    func inputText() -> [UInt8]? {
        string("data", required: true, maximumBytes: 65_536).map { Array($0.utf8) }
    }

    func inputToken(required: Bool) -> String? {
        string("token", required: required, maximumBytes: 64)
    }

    /// A question about code.
    func query(_ name: String) -> SessionQuery? {
        if name == "variables" { return .variables }
        let code = string("code", required: true, maximumBytes: CellRequest.maximumCodeBytes)
        if name == "is_complete" { return code.map { .isComplete(code: $0) } }
        let length = Int64(code?.unicodeScalars.count ?? 0)
        let cursor = integer("cursor", in: 0...max(length, 0))
        let detail = name == "inspect" ? integer("detail", in: 0...1) ?? 0 : 0
        guard let code else { return nil }
        let position = Int(cursor ?? length)
        return name == "complete"
            ? .complete(code: code, cursor: position) : .inspect(code: code, cursor: position, detail: Int(detail))
    }
}
