import Foundation
import Glibc

/// One TCP connection, byte by byte: nothing of what is tested is used to test it.
final class Wire {
    private let socket: Int32
    private var buffer: [UInt8] = []
    private(set) var isAtEnd = false
    /// The end was a reset, which may have taken away what was said before.
    private(set) var wasReset = false

    init(port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Service.Failed(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit {
        close(socket)
    }

    /// What cannot be sent any more was not wanted any more.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Ends the connection at once, without goodbye.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Reads more; false at the end, or when nothing comes in time.
    private func fill(_ seconds: Double) -> Bool {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(seconds * 1000)) == 1 else { return false }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &bytes, bytes.count, 0)
        guard count > 0 else {
            (isAtEnd, wasReset) = (true, count < 0)
            return false
        }
        buffer += bytes.prefix(count)
        return true
    }

    /// Exactly so many bytes; nil when they do not come.
    func read(_ count: Int, seconds: Double = 20) -> [UInt8]? {
        while buffer.count < count { guard fill(seconds) else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// Everything up to and with a mark.
    func read(through mark: String, seconds: Double = 20) -> String? {
        let wanted = Array(mark.utf8)
        while true {
            if let range = buffer.firstRange(of: wanted) {
                defer { buffer.removeFirst(range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            guard fill(seconds) else { return nil }
        }
    }

    /// Everything until the other side closes, or nothing comes for a while.
    func readToEnd(seconds: Double = 20) -> [UInt8] {
        while fill(seconds) {}
        defer { buffer = [] }
        return buffer
    }
}

/// An answer, as far as tests look at it.
struct Answer {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    /// The code of an error.
    var code: String? { (json["error"] as? [String: Any])?["code"] as? String }
}

extension Wire {
    /// Reads one answer with a Content-Length or chunks; nil when the connection ends without one.
    func answer(seconds: Double = 20, toHead: Bool = false) -> Answer? {
        guard let head = read(through: "\r\n\r\n", seconds: seconds) else { return nil }
        var lines = head.split(separator: "\r\n")
        let status = Int(lines.removeFirst().split(separator: " ").dropFirst().first ?? "") ?? 0
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        var body: [UInt8] = []
        if !toHead, status != 204, status != 304 {
            if let length = headers["content-length"].flatMap({ Int($0) }) {
                body = read(length, seconds: seconds) ?? []
            } else if headers["transfer-encoding"] == "chunked" {
                while let size = read(through: "\r\n", seconds: seconds), let count = Int(size.dropLast(1), radix: 16) {
                    guard let chunk = read(count + 2, seconds: seconds) else { break }
                    if count == 0 { break }
                    body += chunk.dropLast(2)
                }
            }
        }
        return Answer(status: status, headers: headers, body: body)
    }
}

extension Service {
    func request(
        _ method: String, _ path: String, body: String? = nil, headers: [String] = [], seconds: Double = 30
    ) throws -> Answer {
        try request(method, path, body: body.map { Array($0.utf8) }, headers: headers, seconds: seconds)
    }

    /// Asks with a body that may be no text.
    func request(
        _ method: String, _ path: String, body: [UInt8]?, headers: [String] = [], seconds: Double = 30
    ) throws -> Answer {
        let wire = try Wire(port: port)
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
        if let body {
            lines += ["Content-Type: application/json", "Content-Length: \(body.count)"]
        }
        wire.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
        guard let answer = wire.answer(seconds: seconds, toHead: method == "HEAD") else {
            throw Failed(description: "\(method) \(path) was not answered")
        }
        return answer
    }

    /// Runs a program and waits for its result.
    func execute(_ language: String, _ code: String, _ more: [String: Any] = [:]) throws -> Answer {
        try request(
            "POST", "/api/v1/execute", body: Self.json(["language": language, "code": code].merging(more) { $1 }))
    }

    static func json(_ value: [String: Any]) -> String {
        String(decoding: (try? JSONSerialization.data(withJSONObject: value)) ?? Data(), as: UTF8.self)
    }

    /// Asks again and again until it is as it should be, at most for 15 seconds.
    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < end {
            if try condition() { return true }
            usleep(50_000)
        }
        return try condition()
    }
}
