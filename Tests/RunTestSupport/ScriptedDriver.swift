internal import Glibc
package import RunModel
package import SandboxSpec
package import SandboxSupply
internal import SessionModel
internal import StrictJSON
internal import WardenProtocol

/// A driver that does what a test says, in a sandbox that is none.
package struct ScriptedDriver {
    package let program: ScriptedSandbox.Program
    private var frames = FrameReader()

    package init(_ program: ScriptedSandbox.Program) { self.program = program }

    /// A command, as `type` and `id`, with its code or name; nil when there will be none.
    package mutating func next() -> (type: String, id: String, text: String)? {
        while true {
            if let record = try? frames.next() {
                guard case .object(let object)? = try? JSONValue.parse(record, limits: JSONLimits(bytes: 1 << 20))
                else { return nil }
                func text(_ name: String) -> String { if case .string(let text)? = object[name] { text } else { "" } }
                return (text("type"), text("id"), text("code") + text("name"))
            }
            // Others end with the sandbox: a kill is seen while nothing is read.
            var polled = pollfd(fd: program.commands, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, 5) == 0 {
                if program.sandbox.killed != nil { return nil }
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(program.commands, &buffer, buffer.count)
            if count <= 0 { return nil }
            frames.push(buffer[..<count])
        }
    }

    package func say(_ json: String) {
        program.write((try? FrameReader.frame(Array(json.utf8))) ?? [], to: program.records)
    }
    package func print(_ text: String) { program.write(text, to: program.stdout) }

    package func ready(_ features: String = #"["interrupt","variables","checkpoint"]"#) {
        say(#"{"type":"ready","protocol":1,"language":"test","version":"1","features":\#(features)}"#)
    }

    package func done(_ id: String, _ status: String = "ok") {
        say(#"{"type":"done","id":"\#(id)","status":"\#(status)"}"#)
    }

    /// Ready, then each cell by the script; the sandbox ends with exit status 0 when it is killed.
    package static func body(
        _ cell: @escaping @Sendable (inout ScriptedDriver, _ id: String, _ code: String) -> Void
    ) -> ScriptedSandbox.Body {
        { program in
            var driver = ScriptedDriver(program)
            driver.ready()
            while let (type, id, text) = driver.next() {
                switch type {
                case "execute": cell(&driver, id, text)
                case "variables": driver.say(#"{"type":"answer","id":"\#(id)","variables":[]}"#)
                default: break
                }
            }
            return .exit(0)
        }
    }
}

/// Hands out any number of scripted sandboxes of one body.
package final class EndlessSource: SandboxSource {
    private let body: ScriptedSandbox.Body

    package init(_ body: @escaping ScriptedSandbox.Body) { self.body = body }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        do {
            return SandboxLease(sandbox: try ScriptedSandbox(hasChannel: spec.hasChannel, body), warmth: .cold)
        } catch {
            throw APIError(.internalError, "\(error)")
        }
    }
}
