internal import FoundationEssentials
internal import HTTPTypes
internal import Synchronization

/// The files the page is made of, by the paths a browser asks for. Names are collected at start: whatever is not among
/// them does not exist, so no path is ever put together from a request.
struct Assets: Sendable {
    struct File: Sendable {
        let bytes: [UInt8]
        let type: String
        /// Of the bytes, so that a browser can ask whether they have changed.
        let etag: String
    }

    private let places: [String: String]
    let cache: Cache

    final class Cache: Sendable {
        let files = Mutex<[String: File]>([:])
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Missing` when the web folder has no page in it.
    init(web: String, codeMirror: String) throws {
        var places: [String: String] = [:]
        for path in Self.files(below: web) { places["/assets/" + path] = web + "/" + path }
        for path in Self.files(below: codeMirror) where path.hasSuffix(".js") || path.hasSuffix(".css") {
            places["/assets/codemirror/" + path] = codeMirror + "/" + path
        }
        for (path, name) in [("/", "index.html"), ("/docs", "docs.html"), ("/nestbox.js", "nestbox.js")] {
            guard let place = places["/assets/" + name] else {
                throw Missing(description: "the web folder \(web) has no \(name)")
            }
            places[path] = place
        }
        self.places = places
        cache = Cache()
    }

    /// The file a browser asks for.
    subscript(path: String) -> File? {
        guard let place = places[path] else { return nil }
        if let file = cache.files.withLock({ $0[path] }) { return file }
        guard let data = try? Data(contentsOf: URL(filePath: place)) else { return nil }
        let file = File(bytes: Array(data), type: Self.type(of: place), etag: Self.etag(data))
        cache.files.withLock { $0[path] = file }
        return file
    }

    private static func files(below folder: String) -> [String] {
        // A link is fine here: the folders belong to the operator, and Debian's packages link between their own.
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else { return [] }
        return names.filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
    }

    private static func type(of path: String) -> String {
        switch path.split(separator: ".").last.map(String.init) ?? "" {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "json": "application/json"
        case "yaml": "application/yaml"
        default: "application/octet-stream"
        }
    }

    /// FNV-1a over the bytes: tells versions of a file apart, and is no secret.
    private static func etag(_ data: Data) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in data { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "\"\(String(hash, radix: 16))-\(data.count)\""
    }
}
