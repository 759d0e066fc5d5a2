internal import FoundationEssentials
internal import HTTPInterface
internal import HTTPTypes
internal import Synchronization

/// The files of the page, by the paths that a browser requests. Names are collected at start: other names
/// do not exist, so no file path is ever built from a request.
struct Assets: Sendable {
    struct File: Sendable {
        let bytes: [UInt8]
        /// The content as gzip, if that is smaller.
        let gzip: [UInt8]?
        let type: String
        /// Differs when the bytes do, so that a browser can check whether they have changed.
        let tag: String

        init(bytes: [UInt8], type: String) {
            self.bytes = bytes
            self.type = type
            gzip = Gzip.compress(bytes, level: 9)
            tag = "\(String(Assets.hash(bytes, Assets.seed), radix: 16))-\(bytes.count)"
        }
    }

    /// The version of all the files. The page names them below `/assets/~VERSION/`, so that browsers may cache them permanently.
    let version: String
    private let places: [String: String]
    let cache: Cache

    final class Cache: Sendable {
        let files = Mutex<[String: File]>([:])
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Alternative paths of some files. Node expects a module as `.mjs`, and its types as `.d.mts`.
    private static let names = [
        ("/", "index.html"), ("/docs", "docs.html"), ("/repl", "repl.html"), ("/admin", "admin.html"),
        ("/nestbox.js", "nestbox.js"),
        ("/nestbox.mjs", "nestbox.js"),
        ("/nestbox.d.ts", "nestbox.d.ts"), ("/nestbox.d.mts", "nestbox.d.ts"),
    ]

    private static let clients: Set = ["/nestbox.js", "/nestbox.mjs"]

    /// All these paths, for the table of routes.
    static var paths: [String] { names.map(\.0) }

    /// - Throws: `Missing` when the web directory contains no page.
    init(web: String, codeMirror: String) throws {
        var places: [String: String] = [:]
        var hash = Self.seed
        for path in Self.files(below: web).sorted() {
            places["/assets/" + path] = web + "/" + path
            hash = Self.hash(Array(path.utf8), hash)
            hash = Self.hash((try? Data(contentsOf: URL(filePath: web + "/" + path))).map(Array.init) ?? [], hash)
        }
        for path in Self.files(below: codeMirror).sorted() where path.hasSuffix(".js") || path.hasSuffix(".css") {
            places["/assets/codemirror/" + path] = codeMirror + "/" + path
            // The files of a package are identified by their sizes: they are many, and change together.
            let size = (try? FileManager.default.attributesOfItem(atPath: codeMirror + "/" + path))?[.size] as? Int
            hash = Self.hash(Array("\(path) \(size ?? 0)".utf8), hash)
        }
        for (path, name) in Self.names {
            guard let place = places["/assets/" + name] else {
                throw Missing(description: "the web directory \(web) has no \(name)")
            }
            places[path] = place
        }
        self.places = places
        version = String(hash, radix: 16)
        cache = Cache()
        // Compress them now, so that the first visitor need not wait.
        for path in places.keys where !path.hasPrefix("/assets/codemirror/") { _ = self[path] }
        _ = self["/assets/codemirror/lib/codemirror.js"]
    }

    /// The file that a browser requests, and whether the content at this path never changes.
    func file(_ path: String) -> (file: File, isPermanent: Bool)? {
        guard path.hasPrefix("/assets/~") else { return self[path].map { ($0, false) } }
        let rest = path.dropFirst("/assets/~".count)
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        // Another version is from before an update, or of a second service behind the same name: the browser gets the current
        // file, and does not cache it.
        return self["/assets" + rest[slash...]].map { ($0, rest[..<slash] == version) }
    }

    private subscript(path: String) -> File? {
        guard let place = places[path] else { return nil }
        if let file = cache.files.withLock({ $0[path] }) { return file }
        guard let data = try? Data(contentsOf: URL(filePath: place)) else { return nil }
        var bytes = Array(data)
        // A downloaded client must be one file, with sessions and the code that only Node needs; the page loads what it needs.
        if Self.clients.contains(path) { bytes += clientParts() }
        if place.hasSuffix(".html"), let text = String(validating: bytes, as: UTF8.self) {
            let head = places["/assets/head.html"].flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
            let whole = text.replacing("<!-- head.html -->\n", with: head)
            bytes = Array(whole.replacing("\"/assets/", with: "\"/assets/~\(version)/").utf8)
        }
        // Samples are text, whatever their extension.
        let isSample = path.hasPrefix("/assets/samples/") && !path.hasSuffix(".json")
        let file = File(bytes: bytes, type: isSample ? "text/plain; charset=utf-8" : Self.type(of: place))
        cache.files.withLock { $0[path] = file }
        return file
    }

    /// What follows nestbox.js in the client. In one file the parts need not import each other.
    private func clientParts() -> [UInt8] {
        ["nestbox-sessions.js", "nestbox-node.js"].flatMap { name -> [UInt8] in
            guard let place = places["/assets/" + name], let data = try? Data(contentsOf: URL(filePath: place)),
                let text = String(validating: Array(data), as: UTF8.self)
            else { return [] }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return Array(lines.filter { !$0.hasPrefix("import ") }.joined(separator: "\n").utf8)
        }
    }

    private static func files(below directory: String) -> [String] {
        // Symbolic links are allowed here: the directories belong to the operator, and Debian's packages link between their files.
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: directory) else { return [] }
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
        case "ts": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    fileprivate static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// FNV-1a over the bytes: distinguishes versions of a file, and is no secret.
    fileprivate static func hash(_ bytes: [UInt8], _ start: UInt64) -> UInt64 {
        var hash = start
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
