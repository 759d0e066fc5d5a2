/// Which version of a language an image has.
package struct Release: Sendable, Equatable {
    /// As far as the description can tell: numbers and dots, such as `3.11`.
    package let version: String
    /// The Debian package whose version tells more, once the root is there.
    package let package: String?

    /// The version in a root with these packages: `3.11.2` of `3.11.2-6`. The declared one when the package is not there
    /// or has another.
    package func exact(in packages: [PackageVersion]) -> String {
        guard let package, let found = packages.first(where: { $0.name == package }) else { return version }
        let numbers = Self.upstream(found.version)
        return Self.isPrefix(version, of: numbers) ? numbers : version
    }

    /// The numbers a Debian version begins with, without its epoch (Debian policy 5.6.12), up to one that is a date: R's
    /// package is 4.2.2.20221110-2.
    static func upstream(_ text: String) -> String {
        let tail = text.firstIndex(of: ":").map { text[text.index(after: $0)...] } ?? text[...]
        let numbers = tail.prefix { $0 == "." || ("0"..."9").contains($0) }
        return numbers.split(separator: ".").prefix { $0.count < 8 }.joined(separator: ".")
    }

    /// Whether `one` is the earlier version: by its numbers, one after the other.
    static func precedes(_ one: String, _ other: String) -> Bool {
        let numbers = [one, other].map { $0.split(separator: ".").map { Int($0) ?? 0 } }
        return numbers[0].lexicographicallyPrecedes(numbers[1])
    }

    /// Whether `version` is another one with fewer numbers, or the same: `3.1` is of `3.1.2`, and not of `3.11`.
    static func isPrefix(_ version: String, of other: String) -> Bool {
        other == version || other.hasPrefix(version + ".")
    }
}
