import Foundation
import SandboxSpec
import TestSupport
import Testing

@testable import Images

@Suite("Stamps of roots")
struct RootStampTests {
    private static let digest = String(repeating: "0123456789abcdef", count: 4)

    @Test("A root that was built has one that stays, until another is put into its place")
    func built() throws {
        let directory = try TemporaryDirectory()
        let root = directory.path + "/" + Self.digest
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        let stamp = try #require(RootStamp.of(.tree(root)))
        #expect(RootStamp.of(.tree(root)) == stamp)

        try FileManager.default.moveItem(atPath: root, toPath: directory.path + "/old")
        #expect(RootStamp.of(.tree(root)) == nil)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        let other = try #require(RootStamp.of(.tree(root)))
        #expect(other != stamp)
    }

    @Test("Roots that may change unnoticed have none: the host, an operator's directory, what is no directory")
    func others() throws {
        let directory = try TemporaryDirectory()
        #expect(RootStamp.of(.host) == nil)
        #expect(RootStamp.of(.tree(directory.path)) == nil)
        #expect(RootStamp.of(.tree("")) == nil)
        #expect(RootStamp.of(.tree("/")) == nil)
        try directory.write("x", to: Self.digest)
        #expect(RootStamp.of(.tree(directory.path + "/" + Self.digest)) == nil)
        try FileManager.default.removeItem(atPath: directory.path + "/" + Self.digest)
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/" + Self.digest, withDestinationPath: directory.path)
        #expect(RootStamp.of(.tree(directory.path + "/" + Self.digest)) == nil)
    }
}
