internal import Foundation

extension LoopbackConnection {
    /// An HTTP answer, as far as tests look at it.
    package struct Answer: Sendable {
        package let status: Int
        /// The status line and the headers, as they came.
        package let head: String
        /// Names in lower case.
        package let headers: [String: String]
        package let body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The body as a JSON object; empty when it is none.
        package var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        }

        /// The code of an error of the API.
        package var code: String? { (json["error"] as? [String: Any])?["code"] as? String }
    }

    /// Reads one answer with a Content-Length or chunks; nil when the connection ends without one.
    ///
    /// - Parameter toHead: the request was a HEAD, so that no body follows whatever the head says.
    package func answer(seconds: Double = 20, toHead: Bool = false) -> Answer? {
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
        if !toHead, status >= 200, status != 204, status != 304 {
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
        return Answer(status: status, head: head, headers: headers, body: body)
    }
}
