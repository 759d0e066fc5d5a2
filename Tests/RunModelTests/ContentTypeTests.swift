import Foundation
import RunModel
import Testing

@Suite("Types of artifacts")
struct ContentTypeTests {
    private static let png: [UInt8] =
        [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13] + Array("IHDR".utf8)

    @Test("An image is one by how it begins")
    func images() {
        #expect(ContentType(of: Self.png) == .png)
        #expect(ContentType(of: Self.png + [1, 2, 3]) == .png)
        #expect(ContentType(of: [0xff, 0xd8, 0xff, 0xe0, 0, 16]) == .jpeg)
        #expect(ContentType(of: Array("GIF87a...".utf8)) == .gif)
        #expect(ContentType(of: Array("GIF89a".utf8)) == .gif)
        for kind in ["VP8 ", "VP8L", "VP8X"] {
            #expect(ContentType(of: Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBP\(kind)".utf8)) == .webp)
        }
        // A part of a larger array is looked at from its own beginning.
        #expect(ContentType(of: ([0, 0] + Self.png)[2...]) == .png)
    }

    @Test("What is cut off, other, or a document is bytes")
    func others() {
        for length in 0..<Self.png.count { #expect(ContentType(of: Self.png.prefix(length)) == .other) }
        for text in [
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<?xml version=\"1.0\"?><svg/>", "<!doctype html>",
            "%PDF-1.7",
            "GIF88a", "RIFF....WAVEfmt ", "RIFF....WEBPVP9 ", "BM......", " GIF89a", "",
        ] {
            #expect(ContentType(of: Array(text.utf8)) == .other, "\(text)")
        }
        #expect(ContentType(of: [0xff, 0xd8]) == .other)
    }

    @Test("A type nobody knows, or none, is bytes")
    func decoding() throws {
        for field in ["", #","content_type":"image/new""#, #","content_type":null"#] {
            let json = #"{"path":"a","bytes":1\#(field)}"#
            let report = try JSONDecoder().decode(ArtifactReport.self, from: Data(json.utf8))
            #expect(report == ArtifactReport(path: "a", bytes: 1, contentType: .other))
        }
        let png = ArtifactReport(path: "a", bytes: 1, contentType: .png)
        #expect(try JSONDecoder().decode(ArtifactReport.self, from: try JSONEncoder().encode(png)) == png)
    }
}
