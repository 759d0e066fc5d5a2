extension ServerSettings {
    /// Where spans are sent, and which.
    package struct Traces: Sendable {
        /// The place of a collector.
        package struct Endpoint: Sendable, Equatable {
            /// What a value looks like.
            static let form = "off, or http://HOST:PORT, https:// too, with the path where it is not /v1/traces"

            package let host: String
            package let port: Int
            package let path: String
            package let isTLS: Bool

            init?(_ text: String) {
                let isTLS = text.hasPrefix("https://")
                guard isTLS || text.hasPrefix("http://") else { return nil }
                let rest = text.dropFirst(isTLS ? 8 : 7)
                let slash = rest.firstIndex(of: "/") ?? rest.endIndex
                guard let (host, port) = Self.place(rest[..<slash], standard: isTLS ? 443 : 80) else { return nil }
                let path = rest[slash...]
                guard path.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x23 }) else { return nil }
                self.host = host
                self.port = port
                self.path = path.isEmpty || path == "/" ? "/v1/traces" : String(path)
                self.isTLS = isTLS
            }

            private static func place(_ text: Substring, standard: Int) -> (String, Int)? {
                var (host, rest) = (text, Substring())
                if text.hasPrefix("[") {
                    guard let end = text.firstIndex(of: "]") else { return nil }
                    host = text[text.index(after: text.startIndex)..<end]
                    rest = text[text.index(after: end)...]
                } else if let colon = text.firstIndex(of: ":") {
                    (host, rest) = (text[..<colon], text[colon...])
                }
                let isName = host.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x3a: true
                    default: false
                    }
                }
                guard !host.isEmpty, isName else { return nil }
                if rest.isEmpty { return (String(host), standard) }
                guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65_535).contains(port) else {
                    return nil
                }
                return (String(host), port)
            }
        }

        /// Nil where nothing is exported.
        package internal(set) var endpoint: Endpoint?
        /// A file with more headers of requests to the collector, such as its key; nil for none.
        package internal(set) var headers: String?
        /// 0 to 1, of traces that begin here.
        package internal(set) var ratio = 1.0
    }
}
