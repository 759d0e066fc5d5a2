internal import ConfigurationFiles

/// Images that are a version of a language which another image has, too.
enum ImageVersions {
    /// - Returns: the images of which this holds together; the others go to `broken`.
    static func check(_ images: [Image], _ broken: inout [String: ConfigurationError], _ log: DiagnosticLog) -> [Image]
    {
        var good = images.filter { $0.language == $0.name }
        let languages = Dictionary(uniqueKeysWithValues: good.map { ($0.name, $0) })
        var versions: [String: [String: String]] = [:]
        for language in good {
            if let version = language.release?.version { versions[language.name] = [version: language.name] }
        }
        for image in images where image.language != image.name {
            if languages[image.language] == nil, let error = broken[image.language] {
                // Said once, of the language.
                broken[image.name] = error
                continue
            }
            let own = DiagnosticLog()
            let location = SourceLocation(file: image.directory + "/image.yaml", line: 1)
            if languages[image.language] == nil {
                own.add(
                    at: location, key: "language", found: ConfigurationDiagnostic.quote(image.language),
                    allowed: "the name of an image that is a language of its own")
            } else if let version = image.release?.version {
                if let twin = versions[image.language, default: [:]].updateValue(image.name, forKey: version) {
                    own.add(
                        at: location, key: "release.version",
                        found: "\(ConfigurationDiagnostic.quote(version)), which image \(twin) has too",
                        allowed: "each version of a language in one image")
                }
            } else {
                own.add(
                    at: location, key: "release", found: "nothing",
                    allowed: "a version, as it is one of \(image.language)")
            }
            if let error = own.error { broken[image.name] = error } else { good.append(image) }
            log.add(own)
        }
        return good
    }
}
