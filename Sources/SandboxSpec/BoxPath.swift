/// A relative path below `/box` that is safe to create, report and put into a header.
///
/// Slash-separated components; none is empty, `.` or `..`; no control characters; at most 255 bytes a component,
/// 1,024 in all, 16 deep (NAME_MAX and PATH_MAX are 255 and 4096; the rest is headroom for prefixes).
package struct BoxPath: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package static let maximumBytes = 1024
    package static let maximumComponentBytes = 255
    package static let maximumDepth = 16

    package init(_ text: String) throws(InvalidBoxPath) {
        func reject(_ reason: String) -> InvalidBoxPath { InvalidBoxPath(path: text, reason: reason) }
        guard !text.isEmpty else { throw reject("is empty") }
        guard text.utf8.count <= Self.maximumBytes else { throw reject("is longer than \(Self.maximumBytes) bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw reject("contains a control character") }
        let components = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.count <= Self.maximumDepth else {
            throw reject("is more than \(Self.maximumDepth) levels deep")
        }
        for component in components {
            if component.isEmpty {
                throw reject(text.utf8.first == UInt8(ascii: "/") ? "is absolute" : "has an empty component")
            }
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
                throw reject("contains a . or .. component")
            }
            if component.count > Self.maximumComponentBytes {
                throw reject("has a component longer than \(Self.maximumComponentBytes) bytes")
            }
        }
        description = text
    }
}

/// A refused path, and the reason. The path is shown with control characters escaped.
package struct InvalidBoxPath: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String {
        let shown = path.unicodeScalars.prefix(80).map { $0.escaped(asASCII: false) }.joined()
        return "file name \"\(shown)\" \(reason)"
    }
}
