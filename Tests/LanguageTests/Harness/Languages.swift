internal import ArgumentParser
internal import Foundation
internal import Images

@testable import nestbox

/// Which languages this run is about: NESTBOX_TEST_LANGUAGES is `core` (the same as nothing), `all`, or names with commas
/// between. One that was asked for and is not built fails; nothing is left out in silence.
enum Languages {
    /// What every build of the project is tried with: the file `core`, which deploy/test builds the roots of.
    static let core: [String] = {
        do {
            return String(decoding: try Directory.bytes("core"), as: UTF8.self).split(separator: "\n").map(String.init)
        } catch {
            fatalError("no core languages: \(error)")
        }
    }()

    /// Without root there are no sandboxes.
    static let canRun = geteuid() == 0

    static let directories: DirectoryOptions = {
        do {
            return try DirectoryOptions.parse([])
        } catch {
            fatalError("no places: \(error)")
        }
    }()

    static let catalog: Catalog = {
        do {
            return try Catalog(directories)
        } catch {
            fatalError("images and policies: \(error)")
        }
    }()

    static let asked: [Image] = {
        let text = ProcessInfo.processInfo.environment["NESTBOX_TEST_LANGUAGES"] ?? ""
        do {
            return try chosen(by: text, among: catalog.images)
        } catch {
            fatalError("NESTBOX_TEST_LANGUAGES is \"\(text)\": \(error)")
        }
    }()

    static func isAsked(_ name: String) -> Bool { asked.contains { $0.name == name } }

    /// - Throws: `ImageError` for a name that no image has.
    static func chosen(by text: String, among library: ImageLibrary) throws(ImageError) -> [Image] {
        let names: [String]
        switch text {
        case "all": return library.images
        case "", "core": names = core
        default: names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        var images: [Image] = []
        for name in names { images.append(try library.image(named: name)) }
        return images
    }

    /// The language of a source, by its extension.
    static func name(ofSource file: String) throws -> String { try catalog.images.image(forFile: file).name }
}
