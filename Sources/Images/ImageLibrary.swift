package import ConfigurationFiles
internal import Foundation

/// All images of a directory, and of one that lies over it: `<directory>/<name>/image.yaml`, found by name, alias or file extension.
package struct ImageLibrary: Sendable {
    /// Sorted by name.
    package let images: [Image]
    /// Images that cannot be used, by name, with what is wrong.
    package let broken: [String: ConfigurationError]
    /// Everything that is wrong, once; nil when nothing is.
    package let diagnostics: ConfigurationError?
    /// Directories of images that another one replaces, by the path of the one in force.
    package let replaced: [String: String]
    private let byWord: [String: Int]
    private let byExtension: [String: Int]

    /// The most images there may be.
    package static let maximumImages = 512

    /// Loads every directory of `directory` that holds an `image.yaml`; other directories are left alone.
    ///
    /// - Throws: the errors of all files together, with collisions of names, aliases and extensions between images
    ///   among them.
    package init(directory: String) throws(ConfigurationError) {
        try self.init(directories: [directory])
    }

    /// The same of directories that lie over each other: an image replaces one of the same name in the directories before.
    ///
    /// - Throws: the errors of all files that are in force.
    package init(directories: [String]) throws(ConfigurationError) {
        self = try Self.usable(directories: directories)
        if let diagnostics { throw diagnostics }
    }

    /// A library of images that are already checked.
    package init(images: [Image]) throws(ConfigurationError) {
        self.init(images: images.sorted { $0.name < $1.name }, broken: [:], replaced: [:], log: DiagnosticLog())
        if let diagnostics { throw diagnostics }
    }

    /// Loads what can be used; an image with an error is in `broken`. It is never replaced by the one it should have replaced.
    ///
    /// - Throws: what leaves nothing to use, or makes unknown what there is: a directory that cannot be read.
    package static func usable(directories: [String]) throws(ConfigurationError) -> ImageLibrary {
        let (directories, replaced) = try ImageDirectories.find(in: directories, maximumCount: maximumImages)
        let library = read(directories, replaced: replaced)
        if library.images.isEmpty, let diagnostics = library.diagnostics { throw diagnostics }
        return library
    }

    /// Where the images in force are.
    ///
    /// - Throws: what makes unknown which there are.
    package static func places(
        in directories: [String]
    ) throws(ConfigurationError) -> [(name: String, directory: String)] {
        try ImageDirectories.find(in: directories, maximumCount: maximumImages).directories.map { ($0.name, $0.path) }
    }

    /// A library of some of the images there are.
    package static func some(of places: [(name: String, directory: String)]) -> ImageLibrary {
        read(places.map { ($0.name, $0.directory) }, replaced: [:])
    }

    private static func read(
        _ directories: [(name: String, path: String)], replaced: [String: String]
    ) -> ImageLibrary {
        let log = DiagnosticLog()
        var images: [Image] = []
        var broken: [String: ConfigurationError] = [:]
        for (name, path) in directories {
            do throws(ConfigurationError) {
                images.append(try image(directory: path, name: name))
            } catch {
                broken[name] = error
                log.add(error)
            }
        }
        return ImageLibrary(images: images, broken: broken, replaced: replaced, log: log)
    }

    /// - Parameter images: of two that contradict each other, the first holds and the other one is broken.
    private init(
        images: [Image], broken: [String: ConfigurationError], replaced: [String: String], log: DiagnosticLog
    ) {
        var words: [String: String] = [:]
        var extensions: [String: String] = [:]
        var broken = broken
        var good: [Image] = []
        for image in images {
            let own = DiagnosticLog()
            let location = SourceLocation(file: image.directory + "/image.yaml", line: 1)
            func claim(_ word: String, key: String, in table: [String: String]) {
                guard let other = table[word], other != image.name else { return }
                own.add(
                    at: location, key: key,
                    found: "\(ConfigurationDiagnostic.quote(word)), which image \(other) has too",
                    allowed: "each name, alias and extension in one image only")
            }
            claim(image.name, key: "name", in: words)
            for alias in image.aliases { claim(alias, key: "aliases", in: words) }
            for suffix in image.extensions { claim(suffix, key: "extensions", in: extensions) }
            if let error = own.error {
                broken[image.name] = error
                log.add(own)
                continue
            }
            good.append(image)
            for word in [image.name] + image.aliases { words[word] = image.name }
            for suffix in image.extensions { extensions[suffix] = image.name }
        }
        good = ImageVersions.check(good, &broken, log).sorted { $0.name < $1.name }
        let index = Dictionary(uniqueKeysWithValues: good.enumerated().map { ($1.name, $0) })
        self.images = good
        self.broken = broken
        self.replaced = replaced
        diagnostics = log.error
        byWord = words.compactMapValues { index[$0] }
        byExtension = extensions.compactMapValues { index[$0] }
    }

    /// The image of one directory, whose name has to be the image's.
    private static func image(directory: String, name: String) throws(ConfigurationError) -> Image {
        let file = directory + "/image.yaml"
        let node = try ConfigurationFile.document(atPath: file)
        let image = try ImageReader.image(from: node, directory: directory)
        guard image.name == name else {
            var place = node.location
            if case .mapping(let entries) = node.content, let entry = entries.first(where: { $0.key == "name" }) {
                place = entry.value.location
            }
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    at: place, key: "name", found: ConfigurationDiagnostic.quote(image.name),
                    allowed: "the name of the directory, \(ConfigurationDiagnostic.quote(name))"))
        }
        return image
    }

    /// The image called `word`, by name or alias; upper case is taken for lower case. `python@3.11` asks for a version:
    /// of several that begin with these numbers, the one the language itself has, otherwise the latest.
    ///
    /// - Throws: `unknownImage`, naming what there is.
    package func image(named word: String) throws(ImageError) -> Image {
        if let at = word.firstIndex(of: "@") {
            return try image(of: image(named: String(word[..<at])), version: String(word[word.index(after: at)...]))
        }
        if let index = byWord[word.lowercased()] { return images[index] }
        if let diagnostics = broken[word.lowercased()] {
            throw ImageError(
                .brokenDescription,
                "image \(word.lowercased()) is disabled by errors in its description: \(diagnostics.summary)")
        }
        let near = Suggestion.word(for: word, among: byWord.keys.sorted())
        throw unknown("there is no image for language \(ConfigurationDiagnostic.quote(word))", near: near)
    }

    /// The names of all images, those that cannot be used now among them.
    package var names: Set<String> { Set(images.map(\.name)).union(broken.keys) }

    /// All images of a language, itself first, then the others by version.
    package func versions(of language: String) -> [Image] {
        images.filter { $0.language == language }.sorted { one, other in
            if (one.name == language) != (other.name == language) { return one.name == language }
            return Release.precedes(one.release?.version ?? "", other.release?.version ?? "")
        }
    }

    private func image(of image: Image, version: String) throws(ImageError) -> Image {
        let all = image.name == image.language ? versions(of: image.language) : [image]
        let matching = all.filter { $0.release.map { Release.isPrefix(version, of: $0.version) } ?? false }
        if let found = matching.first(where: { $0.name == image.name }) ?? matching.last { return found }
        let known = all.compactMap { image in image.release.map { "\(image.language)@\($0.version)" } }
        throw ImageError(
            .unknownImage,
            "there is no version \(ConfigurationDiagnostic.quote(version)) of \(image.name); "
                + (known.isEmpty ? "its versions are not known" : "there is " + known.joined(separator: ", ")))
    }

    /// The image whose extensions include that of `file`, a path or a name.
    ///
    /// - Throws: `unknownImage`, naming what there is.
    package func image(forFile file: String) throws(ImageError) -> Image {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.index(after: dot) != name.endIndex else {
            throw unknown("\(ConfigurationDiagnostic.quote(name)) has no extension that tells its language", near: nil)
        }
        let suffix = String(name[name.index(after: dot)...])
        if let index = byExtension[suffix.lowercased()] { return images[index] }
        let near = Suggestion.word(for: suffix, among: byExtension.keys.sorted())
        throw unknown("no image claims the extension \(ConfigurationDiagnostic.quote(suffix))", near: near)
    }

    /// Names that are near, and no others: fifty of them in a line are not read. All of them are in `known`.
    private func unknown(_ message: String, near: String?) -> ImageError {
        var message = message
        if let near { message += "; did you mean \"\(near)\"?" }
        if images.isEmpty { message += "; there are no images at all" }
        if !broken.isEmpty {
            message +=
                "; disabled by errors in their descriptions: "
                + Suggestion.list(broken.keys.sorted(), of: "images")
        }
        return ImageError(.unknownImage, message, known: images.map(\.name))
    }
}
