/// The headers that every response of a kind carries.
enum SecurityHeaders {
    private static let common = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        // Concerns what pages embed, not what they fetch with CORS, and so applies to every response.
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ]

    static let api =
        common + [("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")]

    /// The one inline script that pages may hold, and the frames in them that show foreign HTML: the text in Web/repl-frames.js.
    static let frameScript = "'sha256-IBVFgZpIjPuBgvN6oN+fwXTXYcMraqXFzyFiBimonKk='"

    /// Headers of the page and its parts, which contain no secrets.
    ///
    /// - Parameter embedders: exact origins whose pages may show the page in a frame.
    static func page(embedders: [String]) -> [(String, String)] {
        var headers = common
        var ancestors = "'none'"
        if !embedders.isEmpty {
            ancestors = embedders.joined(separator: " ")
            // X-Frame-Options cannot name origins. Cross-origin isolated pages embed only resources that allow it.
            headers.removeAll { ["X-Frame-Options", "Cross-Origin-Resource-Policy"].contains($0.0) }
            headers.append(("Cross-Origin-Resource-Policy", "cross-origin"))
        }
        headers.append(
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self' \(frameScript); style-src 'self'; connect-src 'self'; "
                    + "img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors \(ancestors)"
            ))
        return headers
    }

    /// Files that untrusted code made: browsers never show them as a page of this origin.
    static let artifact =
        common + [("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")]

    static let tls = [("Strict-Transport-Security", "max-age=31536000")]
}

/// `Content-Disposition` of files with untrusted names (RFC 6266, RFC 8187).
package enum ContentDisposition {
    package static func attachment(filename: String) -> String {
        let name = cleaned(filename)
        let plain = String(
            decoding: name.utf8.map { byte -> UInt8 in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
        guard plain != name else { return "attachment; filename=\"\(plain)\"" }
        let encoded = name.utf8.map { byte -> String in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f:
                return String(Character(Unicode.Scalar(byte)))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }.joined()
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
    }

    /// The name without directories of any system, control characters, and marks that change the direction of text; cut to the
    /// maximum length of file names.
    private static func cleaned(_ filename: String) -> String {
        var name = ""
        for scalar in filename.unicodeScalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? [] {
            guard name.utf8.count + UTF8.width(scalar) <= 255 else { break }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: name.unicodeScalars.append("_")
            default: name.unicodeScalars.append(scalar)
            }
        }
        return ["", ".", ".."].contains(name) ? "file" : name
    }
}
