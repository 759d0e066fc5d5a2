package import ConfigurationFiles

/// All examples of some directories that lie over each other: `<directory>/<language>/<slug>/example.yaml`.
package struct ExampleLibrary: Sendable {
    /// Sorted by language, difficulty and title.
    package let examples: [Example]
    /// Examples that cannot be used, by `<language>/<slug>`, with what is wrong.
    package let broken: [String: ConfigurationError]
    /// Everything that is wrong, once; nil when nothing is.
    package let diagnostics: ConfigurationError?
    /// Directories of examples that another one replaces, by the path of the one in force.
    package let replaced: [String: String]
    private let byID: [String: Int]

    /// The most examples there may be.
    package static let maximumExamples = 1024

    /// No examples at all.
    package static let empty = ExampleLibrary(examples: [], broken: [:], replaced: [:], log: DiagnosticLog())

    /// Loads what can be used. An example with an error is in `broken`; it is never replaced by the one it should have replaced.
    ///
    /// - Parameter directories: the last one on top; each may be absent.
    /// - Throws: what makes unknown which examples there are.
    package static func usable(directories: [String]) throws(ConfigurationError) -> ExampleLibrary {
        let (places, replaced) = try ExampleDirectories.find(in: directories, maximumCount: maximumExamples)
        let log = DiagnosticLog()
        var examples: [Example] = []
        var broken: [String: ConfigurationError] = [:]
        for place in places {
            do throws(ConfigurationError) {
                examples.append(try example(at: place))
            } catch {
                broken[place.name] = error
                log.add(error)
            }
        }
        return ExampleLibrary(examples: examples, broken: broken, replaced: replaced, log: log)
    }

    private static func example(at place: ExampleDirectories.Place) throws(ConfigurationError) -> Example {
        guard MappingReader.isName(place.slug) else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    of: place.path, "the directory has the name \(ConfigurationDiagnostic.quote(place.slug))",
                    hint: "allowed is \(MappingReader.nameForm)"))
        }
        let node = try ConfigurationFile.document(atPath: place.path + "/" + ExampleNames.description)
        return try ExampleReader.example(
            from: node, directory: place.path, language: place.language, slug: place.slug)
    }

    /// - Parameter examples: of two with one id, the first holds and the other one is broken.
    private init(
        examples: [Example], broken: [String: ConfigurationError], replaced: [String: String], log: DiagnosticLog
    ) {
        var broken = broken
        var owners: [String: Example] = [:]
        for example in examples {
            guard let other = owners[example.id] else {
                owners[example.id] = example
                continue
            }
            let error = ConfigurationError(
                ConfigurationDiagnostic(
                    at: example.location, key: "id",
                    found: "\(ConfigurationDiagnostic.quote(example.id)), which \(other.location.file) has too",
                    allowed: "each id in one example only"))
            broken[example.place] = error
            log.add(error)
        }
        let good = owners.values.sorted { one, other in
            (one.language, one.difficulty, one.title, one.id) < (
                other.language, other.difficulty, other.title, other.id
            )
        }
        self.examples = good
        self.broken = broken
        self.replaced = replaced
        diagnostics = log.error
        byID = Dictionary(uniqueKeysWithValues: good.enumerated().map { ($1.id, $0) })
    }

    /// The example of this id; nil when there is none that can be used.
    package func example(_ id: String) -> Example? { byID[id].map { examples[$0] } }

    /// Everything that is wrong with the files, a line each.
    ///
    /// - Parameter languages: the names of all images.
    package func errors(languages: Set<String>) -> [String] {
        [diagnostics, unknownLanguages(among: languages)].compactMap(\.self)
            .flatMap { $0.description.split(separator: "\n").map(String.init) }
    }

    /// Examples of languages that are not there: an error each.
    ///
    /// - Parameter languages: the names of all images.
    package func unknownLanguages(among languages: Set<String>) -> ConfigurationError? {
        let log = DiagnosticLog()
        for example in examples where !languages.contains(example.language) {
            log.add(
                ConfigurationDiagnostic(
                    of: example.location.file,
                    "the directory above is \(ConfigurationDiagnostic.quote(example.language)), which is no image",
                    hint: Suggestion.hint(for: example.language, among: languages.sorted())))
        }
        return log.error
    }
}

extension Example {
    /// `<language>/<slug>`, as its directories are called.
    package var place: String {
        location.file.split(separator: "/").dropLast().suffix(2).joined(separator: "/")
    }
}
