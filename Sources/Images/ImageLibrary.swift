internal import Foundation
package import Policies

/// All images of one directory: `<directory>/<name>/image.yaml`, found by name, alias or file extension.
package struct ImageLibrary: Sendable {
    /// Sorted by name.
    package let images: [Image]
    private let byWord: [String: Int]
    private let byExtension: [String: Int]

    /// The most images one directory may hold.
    package static let maximumImages = 512

    /// Loads every folder of `directory` that holds an `image.yaml`; other folders are left alone.
    ///
    /// - Throws: the mistakes of all files together, with collisions of names, aliases and extensions between images
    ///   among them.
    package init(directory: String) throws(ConfigurationError) {
        let log = MistakeLog()
        var images: [Image] = []
        let folders = try ConfigurationFile.names(inDirectory: directory, suffix: "")
        if folders.count > Self.maximumImages {
            log.add(
                at: SourceLocation(file: directory, line: 1), key: "", found: "\(folders.count) images",
                allowed: "at most \(Self.maximumImages)")
        }
        for folder in folders.prefix(Self.maximumImages) {
            let path = directory + "/" + folder
            guard FileManager.default.fileExists(atPath: path + "/image.yaml") else { continue }
            do throws(ConfigurationError) {
                images.append(try Self.image(folder: path, name: folder))
            } catch {
                log.add(error)
            }
        }
        try self.init(images: images.sorted { $0.name < $1.name }, log: log)
    }

    /// A library of images that are already checked.
    package init(images: [Image]) throws(ConfigurationError) {
        try self.init(images: images.sorted { $0.name < $1.name }, log: MistakeLog())
    }

    private init(images: [Image], log: MistakeLog) throws(ConfigurationError) {
        var words: [String: Int] = [:]
        var extensions: [String: Int] = [:]
        for (index, image) in images.enumerated() {
            let location = SourceLocation(file: image.folder + "/image.yaml", line: 1)
            func claim(_ word: String, key: String, in table: inout [String: Int]) {
                if let other = table[word], other != index {
                    log.add(
                        at: location, key: key,
                        found: "\(ConfigurationMistake.quote(word)), which image \(images[other].name) has too",
                        allowed: "each name, alias and extension in one image only")
                } else {
                    table[word] = index
                }
            }
            claim(image.name, key: "name", in: &words)
            for alias in image.aliases { claim(alias, key: "aliases", in: &words) }
            for suffix in image.extensions { claim(suffix, key: "extensions", in: &extensions) }
        }
        for image in images {
            guard image.language != image.name else { continue }
            let location = SourceLocation(file: image.folder + "/image.yaml", line: 1)
            guard let other = images.first(where: { $0.name == image.language }), other.language == other.name else {
                log.add(
                    at: location, key: "language", found: ConfigurationMistake.quote(image.language),
                    allowed: "the name of an image that is a language of its own")
                continue
            }
            guard let version = image.release?.version else {
                log.add(
                    at: location, key: "release", found: "nothing",
                    allowed: "a version, as it is one of \(image.language)")
                continue
            }
            let twin = images.first {
                $0.language == image.language && $0.name != image.name && $0.release?.version == version
            }
            if let twin {
                log.add(
                    at: location, key: "release.version",
                    found: "\(ConfigurationMistake.quote(version)), which image \(twin.name) has too",
                    allowed: "each version of a language in one image")
            }
        }
        try log.throwIfAny()
        self.images = images
        byWord = words
        byExtension = extensions
    }

    /// The image of one folder, whose name has to be the image's.
    private static func image(folder: String, name: String) throws(ConfigurationError) -> Image {
        let file = folder + "/image.yaml"
        let node = try ConfigurationFile.document(atPath: file)
        let image = try ImageReader.image(from: node, folder: folder)
        guard image.name == name else {
            var place = node.location
            if case .mapping(let entries) = node.content, let entry = entries.first(where: { $0.key == "name" }) {
                place = entry.value.location
            }
            throw ConfigurationError(
                ConfigurationMistake(
                    at: place, key: "name", found: ConfigurationMistake.quote(image.name),
                    allowed: "the name of the folder, \(ConfigurationMistake.quote(name))"))
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
        let hint = Suggestion.hint(for: word, among: byWord.keys.sorted())
        throw unknown("there is no image for language \(ConfigurationMistake.quote(word))", hint: hint)
    }

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
            "there is no version \(ConfigurationMistake.quote(version)) of \(image.name); "
                + (known.isEmpty ? "its versions are not known" : "there is " + known.joined(separator: ", ")))
    }

    /// The image whose extensions include that of `file`, a path or a name.
    ///
    /// - Throws: `unknownImage`, naming what there is.
    package func image(forFile file: String) throws(ImageError) -> Image {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.index(after: dot) != name.endIndex else {
            throw unknown("\(ConfigurationMistake.quote(name)) has no extension that tells its language", hint: nil)
        }
        let suffix = String(name[name.index(after: dot)...])
        if let index = byExtension[suffix.lowercased()] { return images[index] }
        let hint = Suggestion.hint(for: suffix, among: byExtension.keys.sorted())
        throw unknown("no image claims the extension \(ConfigurationMistake.quote(suffix))", hint: hint)
    }

    private func unknown(_ message: String, hint: String?) -> ImageError {
        let known =
            images.isEmpty
            ? "there are no images at all"
            : "there are " + images.map { ([$0.name] + $0.aliases).joined(separator: "/") }.joined(separator: ", ")
        return ImageError(.unknownImage, "\(message)\(hint.map { " (\($0))" } ?? ""); \(known)")
    }
}
