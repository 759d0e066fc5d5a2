internal import RunModel

/// What the driver gave for a checkpoint, to name it by.
package enum DriverReference: Sendable, Hashable {
    case number(Int64)
    /// At most 64 bytes.
    case text(String)
}

/// What the service tells a driver.
package enum DriverCommand: Sendable, Equatable {
    case execute(id: String, code: String, silent: Bool)
    /// Comes before the signal: a driver takes no notice of a signal without it.
    case interrupt(id: String)
    case query(id: String, SessionQuery)
    case checkpoint(id: String, name: String)
    case restore(id: String, name: String, DriverReference)
    case drop(id: String, name: String, DriverReference)
    /// Write the state of the interpreter to a file of /box, or read it there.
    case save(id: String, file: String)
    case load(id: String, file: String)

    /// The command with its length before it.
    ///
    /// - Throws: when it has no room in a record: its code is too large, which the client is told.
    package func frame() throws(FrameReader.Oversized) -> [UInt8] {
        var output = JSONBytes(size: 256)
        write(to: &output)
        return try FrameReader.frame(output.bytes)
    }

    private func write(to output: inout JSONBytes) {
        func begin(_ type: String, _ id: String) {
            output.open()
            output.member("type", type)
            output.member("id", id)
        }
        switch self {
        case .execute(let id, let code, let silent):
            begin("execute", id)
            output.member("code", code)
            output.member("silent", silent)
        case .interrupt(let id): begin("interrupt", id)
        case .query(let id, .complete(let code, let cursor)):
            begin("complete", id)
            output.member("code", code)
            output.member("cursor", cursor)
        case .query(let id, .inspect(let code, let cursor, let detail)):
            begin("inspect", id)
            output.member("code", code)
            output.member("cursor", cursor)
            output.member("detail", detail)
        case .query(let id, .isComplete(let code)):
            begin("is_complete", id)
            output.member("code", code)
        case .query(let id, .variables): begin("variables", id)
        case .checkpoint(let id, let name):
            begin("checkpoint", id)
            output.member("name", name)
        case .restore(let id, let name, let reference):
            begin("restore", id)
            output.member("name", name)
            reference.write(to: &output)
        case .drop(let id, let name, let reference):
            begin("drop", id)
            output.member("name", name)
            reference.write(to: &output)
        case .save(let id, let file):
            begin("save", id)
            output.member("file", file)
        case .load(let id, let file):
            begin("load", id)
            output.member("file", file)
        }
        output.close()
    }
}

extension DriverReference {
    fileprivate func write(to output: inout JSONBytes) {
        switch self {
        case .number(let number): output.member("ref", number)
        case .text(let text): output.member("ref", text)
        }
    }
}
