internal import ConfigurationFiles
internal import SandboxSpec

/// Reads the key `inputs`: a mapping of names to what is allowed.
struct ExampleInputReader {
    private static let keys = ["type", "title", "default", "choices", "minimum", "maximum", "through", "name"]

    let reader: MappingReader

    func inputs() -> [ExampleInput] {
        guard let inner = reader.mapping("inputs") else { return [] }
        guard inner.entries.count <= ExampleReader.maximumInputs else {
            reader.reject(
                "inputs", found: "\(inner.entries.count) inputs", allowed: "at most \(ExampleReader.maximumInputs)")
            return []
        }
        return inner.entries.compactMap { entry in
            guard ExampleNames.isInput(entry.key) else {
                inner.log.add(
                    at: entry.keyLocation, key: inner.path(to: entry.key),
                    found: ConfigurationDiagnostic.quote(entry.key), allowed: ExampleNames.inputForm)
                return nil
            }
            return MappingReader(entry.value, path: inner.path(to: entry.key), log: inner.log)
                .flatMap { input(entry.key, $0) }
        }
    }

    private func input(_ name: String, _ inner: MappingReader) -> ExampleInput? {
        inner.rejectKeys(notIn: Self.keys)
        let kind = inner.choice("type", of: ExampleInput.Kind.self, required: true)?.value
        let title = inner.string("title", maximumBytes: 200)?.value ?? name
        let way = way(name, inner)
        let standard = inner.string(
            "default", required: true, maximumBytes: 4 * ExampleInput.maximumLength, allowEmpty: true)
        guard let kind, let way, let standard else { return nil }
        let choices = choices(inner, kind)
        let minimum = bound("minimum", inner, kind)
        let maximum = bound("maximum", inner, kind)
        if let minimum, let maximum, minimum > maximum {
            inner.reject("maximum", found: "less than minimum", allowed: "at least that")
        }
        let input = ExampleInput(
            name: name, title: title, kind: kind, way: way, standard: standard.value, choices: choices,
            minimum: minimum, maximum: maximum)
        if case .failure = input.check(standard.value), !(kind == .choice && choices.isEmpty) {
            inner.reject("default", found: ConfigurationDiagnostic.quote(standard.value), allowed: input.allowed)
        }
        return input
    }

    private func choices(_ inner: MappingReader, _ kind: ExampleInput.Kind) -> [String] {
        let items = inner.strings("choices", required: kind == .choice, maximumCount: 64, maximumBytes: 200)
        guard let items else { return [] }
        if kind != .choice {
            inner.reject("choices", found: "a list", allowed: "nothing, because type is \(kind.rawValue)")
        } else if items.count < 2 {
            inner.reject("choices", found: "\(items.count) of them", allowed: "2 to 64")
        }
        for (index, item) in items.enumerated() where item.value.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            inner.log.add(
                at: item.location, key: inner.path(to: "choices") + "[\(index)]", found: "text of several lines",
                allowed: "one line")
        }
        return items.map(\.value)
    }

    private func bound(_ key: String, _ inner: MappingReader, _ kind: ExampleInput.Kind) -> Double? {
        guard let text = inner.string(key, maximumBytes: 32) else { return nil }
        let found = ConfigurationDiagnostic.quote(text.value)
        switch kind {
        case .boolean, .choice:
            inner.reject(key, found: found, allowed: "nothing, because type is \(kind.rawValue)")
            return nil
        case .text:
            guard key == "maximum", let count = Int(text.value), (1...ExampleInput.maximumLength).contains(count) else {
                inner.reject(
                    key, found: found,
                    allowed: key == "maximum"
                        ? "1 to \(ExampleInput.maximumLength) characters" : "nothing, because type is text")
                return nil
            }
            return Double(count)
        case .integer:
            guard let number = Int64(text.value) else {
                inner.reject(key, found: found, allowed: "a whole number")
                return nil
            }
            return Double(number)
        case .number:
            guard let number = Double(text.value), number.isFinite else {
                inner.reject(key, found: found, allowed: "a number")
                return nil
            }
            return number
        }
    }

    private enum WayName: String, CaseIterable {
        case stdin, argument, environment, file
    }

    /// How the program gets it: a line of standard input unless `through` says something else.
    private func way(_ name: String, _ inner: MappingReader) -> ExampleInput.Way? {
        let through = inner.contains("through") ? inner.choice("through", of: WayName.self)?.value : .stdin
        let target = inner.string("name", maximumBytes: 1024)
        guard let through else { return nil }
        if target != nil, through == .stdin || through == .argument {
            inner.reject("name", found: "a name", allowed: "nothing, because through is \(through.rawValue)")
            return nil
        }
        switch through {
        case .stdin: return .stdin
        case .argument: return .argument
        case .environment:
            let variable = target?.value ?? name.uppercased()
            guard ExampleNames.isVariable(variable), !ExampleNames.isReserved(variable) else {
                inner.reject(
                    "name", found: ConfigurationDiagnostic.quote(variable),
                    allowed: "a variable of capitals, digits and _ that no loader, shell or interpreter reads")
                return nil
            }
            return .environment(variable)
        case .file:
            guard let target else {
                inner.reject("name", found: "nothing", allowed: "the name of the file, because through is file")
                return nil
            }
            do throws(InvalidBoxPath) {
                return .file(try BoxPath(target.value))
            } catch {
                inner.reject(
                    "name", found: ConfigurationDiagnostic.quote(target.value), allowed: "a path relative to /box",
                    hint: error.reason)
                return nil
            }
        }
    }
}
