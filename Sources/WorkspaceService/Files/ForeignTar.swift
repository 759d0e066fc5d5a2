package import RunModel
package import SandboxSpec
internal import SessionExecution

/// Turns a tar of anybody (ustar, GNU, pax) into one that a sandbox takes, piece by piece: regular files, folders and symbolic links with
/// paths beneath a folder, nothing else. A value; whatever comes in, what goes out is bounded.
package struct ForeignTar {
    /// What an archive may have together.
    package struct Bounds: Sendable, Equatable {
        package var bytes: Int64
        package var entries: Int

        package init(bytes: Int64, entries: Int) {
            self.bytes = bytes
            self.entries = entries
        }
    }

    private enum Next {
        case header
        /// Content of an entry that goes out, then so much padding.
        case content(Int64, padding: Int)
        /// Content that is read here: a long name, or pax records.
        case aside(UInt8, Int, padding: Int)
        case skip(Int64)
        case over
    }

    /// Of a long name, or of pax records.
    private static let maximumAside = 65_536

    private let folder: BoxPath?
    private let bounds: Bounds
    private var next = Next.header
    private var buffer: [UInt8] = []
    private var bytes: Int64 = 0
    /// What the entries before said of the one that follows.
    private var longName: String?
    private var longLink: String?
    private var longSize: Int64?
    package private(set) var entries = 0

    /// - Parameter folder: where all of it goes; /box itself when nil.
    package init(into folder: BoxPath?, _ bounds: Bounds) {
        self.folder = folder
        self.bounds = bounds
    }

    /// - Returns: what is to be written for it.
    /// - Throws: `INVALID_REQUEST` or `INVALID_FILE_NAME` that names the entry; `BODY_TOO_LARGE` beyond the bounds.
    package mutating func take(_ piece: some Sequence<UInt8>) throws(APIError) -> [UInt8] {
        buffer += piece
        var output: [UInt8] = []
        var place = 0
        while true {
            let left = buffer.count - place
            switch next {
            case .over: place = buffer.count
            case .header where left >= 512:
                let header = Array(buffer[place..<(place + 512)])
                place += 512
                output += try begin(header)
                continue
            case .content(let size, let padding) where left > 0:
                let count = min(Int64(left), size)
                output += buffer[place..<(place + Int(count))]
                place += Int(count)
                if count == size {
                    output += [UInt8](repeating: 0, count: padding)
                    next = padding == 0 ? .header : .skip(Int64(padding))
                } else {
                    next = .content(size - count, padding: padding)
                }
                continue
            case .aside(let type, let size, let padding) where left >= size + padding:
                try note(type, buffer[place..<(place + size)])
                place += size + padding
                next = .header
                continue
            case .skip(let size) where left > 0:
                let count = min(Int64(left), size)
                place += Int(count)
                next = count == size ? .header : .skip(size - count)
                continue
            default: break
            }
            buffer.removeFirst(place)
            return output
        }
    }

    /// Nothing comes any more.
    ///
    /// - Returns: the end of the archive.
    /// - Throws: `INVALID_REQUEST` when it is cut off.
    package mutating func finish() throws(APIError) -> [UInt8] {
        switch next {
        case .over: break
        // Some leave the end away.
        case .header where buffer.isEmpty && entries > 0: break
        default: throw Self.wrong("it is cut off")
        }
        return [UInt8](repeating: 0, count: ArchiveWriter.end)
    }

    private mutating func begin(_ header: [UInt8]) throws(APIError) -> [UInt8] {
        if header.allSatisfy({ $0 == 0 }) {
            next = .over
            return []
        }
        let sum = header.enumerated().reduce(0) { $0 + Int((148..<156).contains($1.offset) ? 0x20 : $1.element) }
        guard let stated = Self.number(header[148..<156]), stated == Int64(sum) else {
            throw Self.wrong("a header has another sum than it says, or it is no tar")
        }
        guard let size = longSize ?? Self.number(header[124..<136]), size >= 0 else {
            throw Self.wrong("a size is wrong")
        }
        let padding = ArchiveWriter.padding(size)
        let type = header[156]
        if [UInt8(ascii: "L"), UInt8(ascii: "K"), UInt8(ascii: "x"), UInt8(ascii: "g")].contains(type) {
            guard size <= Int64(Self.maximumAside) else { throw Self.wrong("a name is too long") }
            next = .aside(type, Int(size), padding: padding)
            return []
        }
        let (prefix, name) = (Self.text(header[345..<500]), Self.text(header[0..<100]))
        let isPOSIX = header[257..<263].elementsEqual("ustar\0".utf8)
        let path = longName ?? (isPOSIX && !prefix.isEmpty ? prefix + "/" + name : name)
        let link = longLink ?? Self.text(header[157..<257])
        (longName, longLink, longSize) = (nil, nil, nil)
        return try entry(
            path, type, link, size: size, padding: padding, modified: Self.number(header[136..<148]) ?? 0,
            isExecutable: (Self.number(header[100..<108]) ?? 0) & 0o100 != 0)
    }

    private mutating func entry(
        _ path: String, _ type: UInt8, _ link: String, size: Int64, padding: Int, modified: Int64, isExecutable: Bool
    ) throws(APIError) -> [UInt8] {
        let kind: ArchiveWriter.Kind
        switch type {
        case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): kind = .file(executable: isExecutable)
        case UInt8(ascii: "5"): kind = .directory
        case UInt8(ascii: "2"): kind = .link(link)
        default: throw Self.wrong("\(Self.shown(path)) is neither a file, a folder nor a symbolic link")
        }
        entries += 1
        let isFile = if case .file = kind { true } else { false }
        let content = isFile ? size : 0
        let (sum, overflow) = bytes.addingReportingOverflow(content)
        guard entries <= bounds.entries, !overflow, sum <= bounds.bytes else {
            throw APIError(
                .bodyTooLarge,
                "the archive has more than \(bounds.entries) entries, or more than \(bounds.bytes) bytes")
        }
        bytes = sum
        next =
            isFile
            ? (size == 0 ? .header : .content(size, padding: padding))
            : (size + Int64(padding) == 0 ? .header : .skip(size + Int64(padding)))
        guard let target = try Self.target(path, in: folder) else { return [] }
        guard let header = ArchiveWriter.header(target, kind, size: content, modified: modified) else {
            throw APIError(
                .invalidFileName, "\(Self.shown(path)) has a path or a link that is too long, or is too large")
        }
        return header
    }

    /// Where an entry goes; nil for the folder itself.
    private static func target(_ path: String, in folder: BoxPath?) throws(APIError) -> BoxPath? {
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        while path.hasSuffix("/") { path = path.dropLast() }
        if path.isEmpty || path == "." { return nil }
        do throws(InvalidBoxPath) {
            // By itself first: it must not lead out of its folder.
            let own = try BoxPath(String(path))
            return try folder.map { (folder) throws(InvalidBoxPath) in try BoxPath("\(folder)/\(own)") } ?? own
        } catch {
            throw APIError(.invalidFileName, error.description, details: ["path": error.reason])
        }
    }

    private mutating func note(_ type: UInt8, _ content: ArraySlice<UInt8>) throws(APIError) {
        switch type {
        case UInt8(ascii: "L"): longName = Self.text(content)
        case UInt8(ascii: "K"): longLink = Self.text(content)
        case UInt8(ascii: "x"):
            var rest = content
            while let space = rest.firstIndex(of: 0x20),
                let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
                length > space - rest.startIndex + 1, length <= rest.count
            {
                let end = rest.startIndex + length
                let record = rest[(space + 1)..<(end - 1)]
                rest = rest[end...]
                guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
                switch String(decoding: record[..<equals], as: UTF8.self) {
                case "path": longName = value
                case "linkpath": longLink = value
                case "size":
                    guard let size = Int64(value) else { throw Self.wrong("a size is wrong") }
                    longSize = size
                default: break
                }
            }
        default: break
        }
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        var hasBegun = false
        for byte in field {
            switch byte {
            case 0x30...0x37:
                guard value < 1 << 57 else { return nil }
                value = value << 3 | Int64(byte - 0x30)
                hasBegun = true
            case 0, 0x20: if hasBegun { return value }
            default: return nil
            }
        }
        return value
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func shown(_ path: String) -> String {
        path.unicodeScalars.prefix(80).map { $0.escaped(asASCII: false) }.joined()
    }

    private static func wrong(_ reason: String) -> APIError {
        APIError(.invalidRequest, "the archive is not one that is taken: \(reason)")
    }
}
